package io.dropserver.web.hook;

import io.dropserver.schema.host.HostConfig.Forge;
import java.util.List;
import java.util.function.Supplier;

/**
 * A forge that may say that the repository has moved.
 *
 * @param branch that is followed; pushes to others are of no interest
 * @param secrets any of which is accepted, so that one can be replaced without a gap; asked for
 *     each delivery
 */
public record Hook(String name, Forge forge, String branch, Supplier<List<String>> secrets) {}
