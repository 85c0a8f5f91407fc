package io.dropserver.schema.status;

import java.util.List;
import java.util.Optional;

/** One entry of a manifest's suggestions. */
public record SuggestedEgressStatus(String url, List<String> methods, Optional<String> reason) {}
