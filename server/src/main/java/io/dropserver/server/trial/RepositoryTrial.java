package io.dropserver.server.trial;

import io.dropserver.reconciler.forge.ForgeInspection;
import io.dropserver.reconciler.forge.ForgeInspection.Finding;
import io.dropserver.reconciler.forge.ForgeInspection.Result;
import io.dropserver.reconciler.forge.Forges;
import io.dropserver.reconciler.forge.Forges.RepositoryLocation;
import io.dropserver.reconciler.source.RemoteAccess;
import io.dropserver.reconciler.source.RemoteTrial;
import io.dropserver.reconciler.source.RemoteTrial.Problem;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.schema.host.HostConfig.RepositoryWriteSettings;
import io.dropserver.server.RepositoryAccess;
import io.dropserver.server.TemporaryFolder;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tries what a host configuration promises about its repository: to read it, to push to it, and
 * what the server requests from the forge. Changes nothing there.
 */
public record RepositoryTrial(HostConfig config, InstantSource clock) {

  /** Returns no findings if the configuration names no repository. */
  public List<Finding> run() throws IOException {
    if (config.repo().isEmpty()) {
      return List.of();
    }
    Repo repo = config.repo().get();
    List<Finding> findings = new ArrayList<>();
    try (TemporaryFolder folder = TemporaryFolder.create("dropserver-doctor")) {
      RemoteAccess read = RepositoryAccess.readAccess(repo);
      findings.add(
          finding(
              "repository read", RemoteTrial.read(repo.url(), repo.branch(), read, folder.path())));
      // Without this section, a server writes only to a local repository, and only if it can.
      if (repo.write().isPresent()) {
        RepositoryAccess.writeAccess(repo)
            .map(write -> RemoteTrial.push(repo.url(), write, folder.path()))
            .ifPresent(problem -> findings.add(finding("repository push", problem)));
      }
    }
    RepositoryAccess.forgeLocation(repo).ifPresent(location -> inspect(repo, location, findings));
    return findings;
  }

  private void inspect(Repo repo, RepositoryLocation location, List<Finding> findings) {
    Optional<ForgeInspection> inspection = Forges.inspection(location, clock);
    boolean signs = repo.write().flatMap(RepositoryWriteSettings::signingKeyFile).isPresent();
    inspection.ifPresent(
        forge -> findings.addAll(forge.run(repo.branch(), hooks(location), signs)));
  }

  private List<String> hooks(RepositoryLocation location) {
    return config.webhooks().entrySet().stream()
        .filter(hook -> hook.getValue().type() == location.kind())
        .map(Map.Entry::getKey)
        .toList();
  }

  private static Finding finding(String subject, Optional<Problem> problem) {
    return problem
        .map(p -> new Finding(subject, Result.FAILS, p.message(), p.remedy()))
        .orElseGet(() -> new Finding(subject, Result.WORKS, "works", ""));
  }
}
