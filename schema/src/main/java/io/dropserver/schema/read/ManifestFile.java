package io.dropserver.schema.read;

import io.dropserver.schema.instance.Manifest;
import io.dropserver.schema.instance.Problem;
import java.util.List;
import java.util.Optional;

/**
 * @param id of the content
 */
record ManifestFile(String id, Optional<Manifest> manifest, List<Problem> problems) {}
