package io.dropserver.reconciler.source;

import java.nio.file.Path;
import java.util.List;

/**
 * The followed branch, from {@code repo:} in the host configuration.
 *
 * @param url path, file://, https or ssh, without credentials
 * @param paths folders of this instance in a shared repository; empty means the whole repository
 * @param repository the bare repository in the state folder; created at first use
 */
public record GitSettings(
    String url,
    String branch,
    List<String> paths,
    RemoteAccess access,
    Verification verification,
    Path repository) {

  public static GitSettings of(String url, String branch, Path repository) {
    return new GitSettings(
        url, branch, List.of(), RemoteAccess.anonymous(), new Verification.Off(), repository);
  }

  public GitSettings withAccess(RemoteAccess newAccess) {
    return new GitSettings(url, branch, paths, newAccess, verification, repository);
  }

  public GitSettings withVerification(Verification newVerification) {
    return new GitSettings(url, branch, paths, access, newVerification, repository);
  }

  public GitSettings withPaths(List<String> newPaths) {
    return new GitSettings(url, branch, newPaths, access, verification, repository);
  }
}
