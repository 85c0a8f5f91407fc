package io.dropserver.base.http1;

/**
 * @param reason the phrase after the status; may be empty
 * @param persistent whether another response may follow on the connection after the body
 */
public record ResponseHead(
    int status, String reason, Fields fields, Body body, boolean persistent) {

  /** Returns whether the status is 100 to 199, except 101, which ends HTTP on the connection. */
  boolean isInformational() {
    return status < 200 && status != 101;
  }
}
