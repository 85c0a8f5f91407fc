package io.dropserver.sandbox.lifecycle;

import io.dropserver.egress.gateway.HostApi;
import java.util.Optional;

/**
 * The calls by which an app keeps its sandbox awake: {@code POST /awake} begins a claim and returns
 * its id, and {@code DELETE /awake/ID} ends it. Passes on all other calls. Thread-safe.
 */
public record AwakeApi(AwakeClaims claims, HostApi others) implements HostApi {
  private static final String PATH = "/awake";
  private static final String BELOW = PATH + "/";

  @Override
  public Answer answer(String appspace, Call call) {
    if (call.path().equals(PATH)) {
      return call.method().equals("POST") ? begin(appspace) : refusal(405, "use POST");
    }
    if (!call.path().startsWith(BELOW)) {
      return others.answer(appspace, call);
    }
    if (!call.method().equals("DELETE")) {
      return refusal(405, "use DELETE");
    }
    claims.end(appspace, call.path().substring(BELOW.length()));
    return new Answer(200, "{}");
  }

  private Answer begin(String appspace) {
    Optional<String> id = claims.begin(appspace);
    return id.isPresent()
        ? new Answer(200, "{\"id\":\"" + id.get() + "\"}")
        : refusal(
            429,
            "the app has %d claims to stay awake already, or was kept awake for %d hours of a day"
                .formatted(AwakeClaims.PER_APPSPACE, AwakeClaims.PER_DAY.toHours()));
  }

  private static Answer refusal(int status, String message) {
    return new Answer(status, "{\"error\":\"" + message + "\"}");
  }
}
