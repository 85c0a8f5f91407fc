package io.dropserver.sandbox.app;

import io.dropserver.sandbox.SandboxException;
import java.util.Arrays;
import java.util.Optional;

/** Why an app version could not be installed. Each value is the reason of a condition. */
public enum InstallFailure {
  /** The origin cannot be read: network, HTTP status, missing file. A retry may succeed. */
  FETCH_FAILED("FetchFailed", true),
  /** The fetched content differs from what the instance repository names. */
  HASH_MISMATCH("HashMismatch", false),
  /** The package contains an unsafe path, an unsupported kind of entry, or too much data. */
  PACKAGE_UNSAFE("PackageUnsafe", false),
  MANIFEST_INVALID("ManifestInvalid", false),
  /** A lock file is missing, out of date, or differs from what the registry serves. */
  LOCK_MISMATCH("LockMismatch", false),
  /** An import that Dropserver does not install: a URL, or a file outside the app. */
  IMPORT_REFUSED("ImportRefused", false),
  /** A registry did not answer, or its answer could not be used. A retry may succeed. */
  DEPENDENCIES_FAILED("DependenciesFailed", true),
  /** The app was started once without network and did not answer. */
  SELF_CHECK_FAILED("SelfCheckFailed", false),
  /** The cause is the machine, not the app: no space, no isolation, a broken state folder. */
  INSTALL_FAILED("InstallFailed", true);

  private final String reason;
  private final boolean worthRetrying;

  InstallFailure(String reason, boolean worthRetrying) {
    this.reason = reason;
    this.worthRetrying = worthRetrying;
  }

  /** The failure with this condition reason, if there is one. */
  public static Optional<InstallFailure> of(String reason) {
    return Arrays.stream(values()).filter(failure -> failure.reason.equals(reason)).findFirst();
  }

  /** The reason of the condition, in UpperCamelCase. */
  public String reason() {
    return reason;
  }

  /** Whether a retry with the same content may succeed. Otherwise only an edit helps. */
  public boolean worthRetrying() {
    return worthRetrying;
  }

  SandboxException because(String message) {
    return new SandboxException(reason, message);
  }

  SandboxException because(String message, Throwable cause) {
    return new SandboxException(reason, message, cause);
  }
}
