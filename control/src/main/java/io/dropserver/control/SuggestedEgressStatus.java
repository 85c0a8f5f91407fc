package io.dropserver.control;

import java.util.List;
import java.util.Optional;

/**
 * One entry of a manifest's suggestions.
 *
 * @param url a destination; or {@code browser:} and the name of a browser feature
 * @param methods empty for a browser feature
 */
public record SuggestedEgressStatus(String url, List<String> methods, Optional<String> reason) {}
