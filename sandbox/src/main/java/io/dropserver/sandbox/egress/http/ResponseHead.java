package io.dropserver.sandbox.egress.http;

/**
 * @param reason the phrase after the status; may be empty
 * @param persistent whether another request may follow on the connection after the body
 */
public record ResponseHead(
    int status, String reason, Fields fields, Body body, boolean persistent) {

  /** 100 to 199, and not the 101 that ends HTTP on the connection. */
  public boolean isInterim() {
    return status < 200 && status != 101;
  }
}
