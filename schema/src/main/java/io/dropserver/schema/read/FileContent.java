package io.dropserver.schema.read;

import io.dropserver.schema.instance.Problem;
import java.util.List;
import java.util.Optional;

/**
 * One YAML file, read and validated on its own.
 *
 * @param id identifies the content
 * @param unread present if the file could not be read to its end
 */
record FileContent(
    String id, List<Document> documents, List<Problem> problems, Optional<UnreadableFile> unread) {}
