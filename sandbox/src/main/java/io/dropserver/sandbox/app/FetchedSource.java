package io.dropserver.sandbox.app;

import io.dropserver.egress.gateway.TrustedAuthorities;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.read.ManifestReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * The files of a source that no App document declares yet, fetched and unpacked once, within the
 * bounds of an installation.
 *
 * @param files with the content id of the source
 * @param manifest the source's own manifest; empty if it has none
 * @param locked whether the source has a {@code deno.lock} of its own
 */
public record FetchedSource(AppFiles files, Optional<DropappManifest> manifest, boolean locked) {

  /**
   * Fetches the files of a source.
   *
   * @param folder does not exist; only this process can write its parent
   * @throws io.dropserver.sandbox.SandboxException when the files or their manifest are refused
   */
  public static FetchedSource of(AppFiles source, Path folder) throws IOException {
    Files.createDirectory(folder);
    source.copyTo(new Unpacker(folder, AppSizeLimits.DEFAULT));
    AppFiles files = new FolderFiles(folder, source.contentId());
    boolean own = Files.exists(folder.resolve(ManifestReader.FILE_NAME), LinkOption.NOFOLLOW_LINKS);
    return new FetchedSource(
        files,
        own ? Optional.of(new AppManifest().read(folder)) : Optional.empty(),
        Files.exists(folder.resolve(AppConfigWriter.LOCK), LinkOption.NOFOLLOW_LINKS));
  }

  /**
   * Downloads a package, unpacks it and returns it.
   *
   * @param folder see {@link #of}
   * @param trusted by the download
   */
  public static FetchedSource ofPackage(URI url, Path folder, TrustedAuthorities trusted)
      throws IOException {
    Path archive = folder.resolveSibling(folder.getFileName() + ".tar.gz");
    PackageDownload download = PackageDownload.of(trusted);
    String sha256 = download.downloadTo(archive, url);
    return of(
        new PackageFiles(
            archive.toUri(),
            sha256,
            Objects.requireNonNull(folder.getParent()),
            Optional.empty(),
            "sha256-" + sha256,
            download),
        folder);
  }
}
