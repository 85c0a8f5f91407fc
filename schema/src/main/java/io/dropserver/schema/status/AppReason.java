package io.dropserver.schema.status;

/** Reasons why an app version cannot be installed. */
public enum AppReason implements Reason {

  /** The origin cannot be read: network, HTTP status, missing file. */
  FETCH_FAILED("FetchFailed", Retry.RETRY),

  /** The fetched content does not match the digest in the instance repository. */
  HASH_MISMATCH("HashMismatch", Retry.STALLED),

  /** The package contains an unsafe path, an unsupported kind of entry, or too much data. */
  PACKAGE_UNSAFE("PackageUnsafe", Retry.STALLED),
  MANIFEST_INVALID("ManifestInvalid", Retry.STALLED),

  /** A lock file is missing, out of date, or differs from what the registry serves. */
  LOCK_MISMATCH("LockMismatch", Retry.STALLED),

  /** An import that Dropserver does not install: a URL, or a file outside the app. */
  IMPORT_REFUSED("ImportRefused", Retry.STALLED),

  /** A package registry did not respond, or its response could not be used. */
  DEPENDENCIES_FAILED("DependenciesFailed", Retry.RETRY),

  /** The app did not respond in its trial start without network access. */
  SELF_CHECK_FAILED("SelfCheckFailed", Retry.STALLED),

  /** The cause is the machine, not the app: no space, no isolation, a broken state folder. */
  INSTALL_FAILED("InstallFailed", Retry.RETRY);

  private final String text;
  private final Retry retry;

  AppReason(String text, Retry retry) {
    this.text = text;
    this.retry = retry;
  }

  @Override
  public String text() {
    return text;
  }

  @Override
  public Retry retry() {
    return retry;
  }
}
