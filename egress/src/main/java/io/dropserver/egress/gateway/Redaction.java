package io.dropserver.egress.gateway;

import io.dropserver.base.http1.Fields.Field;
import io.dropserver.base.http1.RequestHead;
import io.dropserver.base.http1.ResponseHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Removes the secrets that a grant adds to a request from the response to the app. Only whole
 * secrets are removed. If partial matches were removed, an app could guess a secret piece by piece
 * at any destination that echoes its input.
 *
 * @param secrets none of them empty
 */
record Redaction(Set<String> secrets) {
  private static final String REPLACEMENT = "[secret]";

  /**
   * Request headers that permit the destination to answer in a form in which secrets cannot be
   * found.
   */
  private static final Set<String> UNREADABLE_FORMS =
      Set.of("accept-encoding", "range", "if-range", "request-range", "sec-websocket-extensions");

  boolean isNone() {
    return secrets.isEmpty();
  }

  /** Returns whether a header of the app's request may be forwarded to the destination. */
  boolean allows(Field field) {
    return isNone() || !UNREADABLE_FORMS.contains(field.name().toLowerCase(Locale.ROOT));
  }

  /**
   * Checks whether a response can be forwarded. Secrets cannot be found in a partial or compressed
   * response.
   *
   * @return a sentence without its subject, the destination; empty if the response can be forwarded
   */
  Optional<String> refusal(RequestHead request, ResponseHead response) {
    if (isNone()) {
      return Optional.empty();
    }
    boolean ranges =
        response.status() == 206
            || (response.fields().count("content-range") > 0 && response.status() != 416)
            || response.fields().all().stream()
                .anyMatch(field -> field.is("content-type") && isMultipartRanges(field.value()));
    if (ranges) {
      return Optional.of("sent a partial response, in which a secret cannot be detected");
    }
    boolean packed =
        response.fields().tokens("content-encoding").stream()
            .anyMatch(coding -> !coding.isEmpty() && !coding.equals("identity"));
    boolean hasBody = !response.body().isEmpty() && !request.method().equals("HEAD");
    if ((packed && hasBody)
        || (response.status() == 101 && response.fields().count("sec-websocket-extensions") > 0)) {
      return Optional.of("sent a compressed response, in which a secret cannot be detected");
    }
    return Optional.empty();
  }

  private static boolean isMultipartRanges(String type) {
    return type.toLowerCase(Locale.ROOT).strip().startsWith("multipart/byteranges");
  }

  /** Returns the mask for a body. It does not change the body's length. */
  Mask mask() {
    return isNone() ? Mask.NONE : Mask.of(secrets);
  }

  String redact(String text) {
    String struck = text;
    for (String secret : secrets) {
      struck = struck.replace(secret, REPLACEMENT);
    }
    return struck;
  }

  /**
   * Removes the secrets from headers. A header is dropped if its name contains a secret, ignoring
   * case because header names are case-insensitive, or if it contains a part of a split secret.
   */
  List<Field> redact(List<Field> fields) {
    List<Field> kept = new ArrayList<>(fields);
    for (String secret : secrets) {
      String lower = secret.toLowerCase(Locale.ROOT);
      kept.removeIf(field -> field.name().toLowerCase(Locale.ROOT).contains(lower));
      SplitSecret.removeFrom(kept, lower);
    }
    return kept.stream().map(field -> new Field(field.name(), redact(field.value()))).toList();
  }
}
