package io.dropserver.web.hook;

import io.dropserver.schema.host.HostConfig.Forge;
import java.util.List;
import java.util.function.Supplier;

/**
 * A configured webhook, through which a forge reports changes of the repository.
 *
 * @param branch the followed branch; pushes to other branches are ignored
 * @param secrets supplies the accepted secrets for each delivery; several secrets allow rotation
 *     without downtime
 */
public record WebhookEndpoint(
    String name, Forge forge, String branch, Supplier<List<String>> secrets) {}
