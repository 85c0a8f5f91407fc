package io.dropserver.sandbox.egress.gateway;

/** Ends an exchange that has not been answered yet. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;
  private final transient Refusal refusal;

  RefusedException(Refusal refusal) {
    super(refusal.sentence(), null, false, false);
    this.refusal = refusal;
  }

  Refusal refusal() {
    return refusal;
  }
}
