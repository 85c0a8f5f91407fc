package io.dropserver.web.hook;

import io.dropserver.schema.host.HostConfig.Forge;
import java.util.List;
import java.util.function.Supplier;

/**
 * A webhook through which a forge reports changes of the repository.
 *
 * @param branch the followed branch; pushes to other branches are ignored
 * @param secrets the accepted secrets, read for each delivery; having several allows rotation
 *     without a gap
 */
public record WebhookEndpoint(
    String name, Forge forge, String branch, Supplier<List<String>> secrets) {}
