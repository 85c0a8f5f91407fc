package io.dropserver.egress.gateway;

import io.dropserver.base.http1.RequestHead;
import io.dropserver.egress.EgressPolicy;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A request for approval of a URL, without fetching it, sent by the runtime's {@code
 * requestEgress}. The request is a GET of the URL with {@code Dropserver-Egress: ask} and two more
 * headers:
 *
 * <pre>Dropserver-Egress-Methods: GET,POST
 * Dropserver-Egress-Reason: the%20forecast</pre>
 *
 * The gateway reads only these headers and the URL, and forwards nothing.
 *
 * @param methods upper case; {@code GET} if the app named none
 * @param reason text from the app: untrusted
 */
record RequestEgressCall(SortedSet<String> methods, Optional<String> reason) {
  /** The maximum length of a reason in code points. */
  static final int LONGEST_REASON = 200;

  /**
   * The maximum length of an encoded reason: up to four bytes per character and three characters
   * per encoded byte, plus some margin.
   */
  private static final int LONGEST_ENCODED = 4096;

  private static final String KIND = "dropserver-egress";
  private static final String METHODS = "dropserver-egress-methods";
  private static final String REASON = "dropserver-egress-reason";

  /**
   * Parses the headers of a request.
   *
   * @return empty if the request does not ask for approval
   * @throws RefusedException when it does, but is malformed
   */
  static Optional<RequestEgressCall> parse(RequestHead request) throws RefusedException {
    if (!request.fields().first(KIND).orElse("").equals("ask")) {
      return Optional.empty();
    }
    Optional<String> reason = request.fields().first(REASON).filter(text -> !text.isEmpty());
    String methods = request.fields().first(METHODS).orElse("GET");
    if (reason.filter(text -> text.length() > LONGEST_ENCODED).isPresent()) {
      throw new RefusedException(Refusal.malformed("the reason is too long"));
    }
    SortedSet<String> words = new TreeSet<>(List.of(methods.split(" *, *", -1)));
    if (!EgressPolicy.METHODS.containsAll(words)) {
      throw new RefusedException(
          Refusal.malformed("the methods are " + String.join(", ", EgressPolicy.METHODS)));
    }
    return Optional.of(
        new RequestEgressCall(
            Collections.unmodifiableSortedSet(words), reason.map(RequestEgressCall::decoded)));
  }

  /** Decodes and truncates the reason. Returns an empty text for an invalid encoding. */
  private static String decoded(String reason) {
    try {
      StringBuilder cut = new StringBuilder();
      URLDecoder.decode(reason, StandardCharsets.UTF_8)
          .codePoints()
          .limit(LONGEST_REASON)
          .forEach(cut::appendCodePoint);
      return cut.toString();
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}
