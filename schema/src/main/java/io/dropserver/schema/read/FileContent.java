package io.dropserver.schema.read;

import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.App.Source;
import io.dropserver.schema.instance.Problem;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One YAML file, read and validated on its own.
 *
 * @param id identifies the content
 * @param unread present if the file could not be read to its end
 */
record FileContent(
    String id, List<Document> documents, List<Problem> problems, Optional<UnreadableFile> unread) {
  /** Returns the sources of this type in the apps of all files. */
  static <S extends Source> Stream<S> sources(Collection<FileContent> files, Class<S> type) {
    return versions(files).map(App.AppVersion::source).filter(type::isInstance).map(type::cast);
  }

  /** Returns the versions of the apps of all files. */
  static Stream<App.AppVersion> versions(Collection<FileContent> files) {
    return files.stream()
        .flatMap(file -> file.documents().stream())
        .map(Document::resource)
        .filter(App.class::isInstance)
        .flatMap(app -> ((App) app).versions().stream());
  }
}
