package io.dropserver.sandbox.app;

import io.dropserver.sandbox.SandboxException;
import java.util.Arrays;
import java.util.Optional;

/** Why an app version could not be installed; each is the reason of a condition. */
public enum InstallFailure {
  /** The origin cannot be read: network, HTTP status, missing file. A later try may succeed. */
  FETCH_FAILED("FetchFailed", true),
  /** What came is not what the instance repository names. */
  HASH_MISMATCH("HashMismatch", false),
  /** The package holds a path, a kind of entry or an amount that is never unpacked. */
  PACKAGE_UNSAFE("PackageUnsafe", false),
  MANIFEST_INVALID("ManifestInvalid", false),
  /** A lock file is missing, out of date, or disagrees with what the registry serves. */
  LOCK_MISMATCH("LockMismatch", false),
  /** An import that is not installed for apps: a URL, a file outside the app. */
  IMPORT_REFUSED("ImportRefused", false),
  /** A registry did not answer, or its answer could not be used. A later try may succeed. */
  DEPENDENCIES_FAILED("DependenciesFailed", true),
  /** The app was started once without network and did not answer. */
  SELF_CHECK_FAILED("SelfCheckFailed", false),
  /** The machine, not the app: no space, no isolation, a broken state folder. */
  INSTALL_FAILED("InstallFailed", true);

  private final String reason;
  private final boolean worthRetrying;

  InstallFailure(String reason, boolean worthRetrying) {
    this.reason = reason;
    this.worthRetrying = worthRetrying;
  }

  /** Which of these a condition's reason is, if it is one. */
  public static Optional<InstallFailure> of(String reason) {
    return Arrays.stream(values()).filter(failure -> failure.reason.equals(reason)).findFirst();
  }

  /** The condition's reason, UpperCamelCase. */
  public String reason() {
    return reason;
  }

  /** Whether the same content may install at a later try; else only an edit helps. */
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
