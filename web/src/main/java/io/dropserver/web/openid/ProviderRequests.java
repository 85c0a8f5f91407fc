package io.dropserver.web.openid;

import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import io.dropserver.egress.gateway.GuardedFetch.Answer;
import io.dropserver.egress.gateway.GuardedFetch.Call;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Translates between the library's requests and the server's connection. Thread-safe. */
record ProviderRequests(ProviderConnection connection) {

  /** Returns a JSON document. */
  String get(URI url) throws ProviderException {
    return getAnswer(url).body();
  }

  /** Returns an answer with a JSON document. */
  Answer getAnswer(URI url) throws ProviderException {
    Answer answer = send(new Call("GET", url, Map.of("Accept", "application/json"), ""));
    if (answer.status() != 200) {
      throw unavailable(
          url.getRawAuthority() + url.getRawPath() + " answered with status " + answer.status());
    }
    return answer;
  }

  HTTPResponse send(HTTPRequest request) throws ProviderException {
    Map<String, String> headers = new HashMap<>(Map.of("Accept", "application/json"));
    request.getHeaderMap().forEach((name, values) -> headers.put(name, values.getFirst()));
    String body = Optional.ofNullable(request.getBody()).orElse("");
    Answer answer = send(new Call(request.getMethod().name(), request.getURI(), headers, body));
    try {
      HTTPResponse response = new HTTPResponse(answer.status());
      if (!answer.contentType().isEmpty()) {
        response.setContentType(answer.contentType());
      }
      response.setBody(answer.body());
      return response;
    } catch (ParseException e) {
      throw new ProviderException(
          ProviderException.Cause.INVALID, "the answer has a malformed Content-Type", e);
    }
  }

  private Answer send(Call call) throws ProviderException {
    try {
      return connection.send(call, ProviderConnection.MAX_BYTES, ProviderConnection.DEADLINE);
    } catch (IOException e) {
      throw unavailable(String.valueOf(e.getMessage()));
    }
  }

  private static ProviderException unavailable(String message) {
    return new ProviderException(ProviderException.Cause.UNAVAILABLE, message);
  }
}
