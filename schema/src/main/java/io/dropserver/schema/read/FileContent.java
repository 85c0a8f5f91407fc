package io.dropserver.schema.read;

import io.dropserver.schema.instance.Problem;
import java.util.List;

/**
 * One YAML file, read and checked by itself.
 *
 * @param id of the content
 * @param complete whether the whole file could be read
 */
record FileContent(String id, List<Document> documents, List<Problem> problems, boolean complete) {}
