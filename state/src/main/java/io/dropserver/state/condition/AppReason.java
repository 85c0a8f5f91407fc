package io.dropserver.state.condition;

/** Reasons why an app version cannot be installed. */
public enum AppReason implements Reason {

  /** The origin cannot be read: network, HTTP status, missing file. */
  FETCH_FAILED(Retry.RETRY),

  /** The fetched content does not match the digest in the instance repository. */
  HASH_MISMATCH(Retry.STALLED),

  /** No accepted key signed the package. */
  SIGNATURE_REFUSED(Retry.STALLED),

  /** The package contains an unsafe path, an unsupported kind of entry, or too much data. */
  PACKAGE_UNSAFE(Retry.STALLED),
  MANIFEST_INVALID(Retry.STALLED),

  /** A lock file is missing, out of date, or differs from what the registry serves. */
  LOCK_MISMATCH(Retry.STALLED),

  /** An import that Dropserver does not install: a URL, or a file outside the app. */
  IMPORT_REFUSED(Retry.STALLED),

  /** A package registry did not respond, or its response could not be used. */
  DEPENDENCIES_FAILED(Retry.RETRY),

  /** The app ended in its trial start without network access, or is not a server. */
  SELF_CHECK_FAILED(Retry.STALLED),

  /** The app did not respond in time in its trial start. The machine may have been busy. */
  SELF_CHECK_TIMEOUT(Retry.RETRY),

  /** The cause is the machine, not the app: no space, no isolation, a broken state folder. */
  INSTALL_FAILED(Retry.RETRY);

  private final Retry retry;

  AppReason(Retry retry) {
    this.retry = retry;
  }

  @Override
  public Retry retry() {
    return retry;
  }
}
