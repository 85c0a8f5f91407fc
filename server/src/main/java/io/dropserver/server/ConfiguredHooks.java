package io.dropserver.server;

import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.web.hook.WebhookEndpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the webhook endpoints that the host configuration declares. */
final class ConfiguredHooks {
  private static final Logger LOG = LoggerFactory.getLogger(ConfiguredHooks.class);

  private ConfiguredHooks() {}

  static List<WebhookEndpoint> of(HostConfig config) {
    String branch = config.repo().map(Repo::branch).orElse(Repo.DEFAULT_BRANCH);
    return config.webhooks().entrySet().stream()
        .map(
            entry ->
                new WebhookEndpoint(
                    entry.getKey(),
                    entry.getValue().type(),
                    branch,
                    () -> secrets(entry.getKey(), entry.getValue().secretFiles())))
        .toList();
  }

  /**
   * Reads the secrets again for each delivery, so that a replaced file takes effect immediately.
   * Skips files that cannot be read.
   */
  private static List<String> secrets(String hook, List<Path> files) {
    List<String> secrets = new ArrayList<>();
    for (Path file : files) {
      try {
        secrets.add(Files.readString(file).strip());
      } catch (IOException e) {
        LOG.warn("hook {}: the secret file {} cannot be read: {}", hook, file, e.toString());
      }
    }
    return secrets;
  }
}
