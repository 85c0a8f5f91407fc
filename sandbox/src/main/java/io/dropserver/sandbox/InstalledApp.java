package io.dropserver.sandbox;

import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.DropappManifest;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An app version that is completely installed on this machine and read-only.
 *
 * @param app the name of its App document
 * @param contentId identifies the files, see {@code AppFiles.contentId}
 * @param files the app's own files, mounted at {@code /app}
 * @param denoDir caches built at install: dependencies, transpiled modules, V8 code
 * @param denoConfig the {@code deno.json} that the installer wrote
 * @param runtime declared by the manifest, or detected from what the entrypoint exports
 * @param packageProgram the program of a package that the entrypoint names, as an absolute path in
 *     the sandbox; empty if the entrypoint is one of the app's own files
 */
public record InstalledApp(
    String app,
    String version,
    String contentId,
    Path files,
    Path denoDir,
    Path denoConfig,
    DropappManifest manifest,
    AppRuntime runtime,
    Optional<String> packageProgram) {}
