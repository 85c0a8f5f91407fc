package io.dropserver.reconciler.source;

import java.nio.file.Path;
import java.util.List;

/**
 * The followed branch, from {@code repo:} in the host configuration.
 *
 * @param url a path, or a file, https or ssh URL; contains no credentials
 * @param paths folders of this instance in a shared repository; empty means the whole repository
 * @param repository the bare repository in the state folder; created at first use
 */
public record GitSettings(
    String url,
    String branch,
    List<String> paths,
    RemoteAccess access,
    Verification verification,
    Path repository) {}
