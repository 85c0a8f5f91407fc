package io.dropserver.schema.status;

import java.util.List;
import java.util.Optional;

/** One line of a suggestion. */
public record SuggestedEgressStatus(String url, List<String> methods, Optional<String> reason) {}
