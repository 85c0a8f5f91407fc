package io.dropserver.reconciler.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.PushConnection;
import org.eclipse.jgit.transport.Transport;

/**
 * Tries whether a repository can be read and written with given credentials. Receives no objects
 * and sends none, so a trial has no effect.
 */
public final class RemoteTrial {
  private RemoteTrial() {}

  /**
   * What prevents an access.
   *
   * @param message names the repository
   */
  public record Problem(String message, String remedy) {}

  /**
   * Tries to list the branches.
   *
   * @param folder an empty folder for the trial
   * @return empty if the branch can be read
   */
  public static Optional<Problem> read(
      String url, String branch, RemoteAccess access, Path folder) {
    return attempt(
        url,
        access,
        folder,
        transport -> {
          try (FetchConnection connection = transport.openFetch()) {
            if (connection.getRef(Constants.R_HEADS + branch) == null) {
              throw new IOException("it has no branch " + branch);
            }
          }
        });
  }

  /**
   * Begins a push and ends it before a command is sent.
   *
   * @return empty if the remote accepts pushes of these credentials; it may still protect branches
   */
  public static Optional<Problem> push(String url, RemoteAccess access, Path folder) {
    return attempt(
        url,
        access,
        folder,
        transport -> {
          RemoteUrl remote = RemoteUrl.parse(url);
          if (remote.transfer() == RemoteUrl.Transfer.LOCAL
              && !Files.isWritable(Path.of(remote.uri().getPath()))) {
            throw new IOException(
                "its folder is not writable for " + System.getProperty("user.name"));
          }
          try (PushConnection connection = transport.openPush()) {
            var _ = connection.getRefs();
          }
        });
  }

  private interface Trial {
    void run(Transport transport) throws IOException;
  }

  private static Optional<Problem> attempt(
      String url, RemoteAccess access, Path folder, Trial trial) {
    try (Remote remote = new Remote(RemoteUrl.parse(url), access, folder.resolve("no-home"));
        Repository local = BareRepository.open(folder.resolve("trial.git"))) {
      try (Transport transport = remote.open(local)) {
        trial.run(transport);
        return Optional.empty();
      } catch (IOException | RuntimeException e) {
        return Optional.of(
            switch (RemoteFailure.of(e, remote)) {
              case PollResult.Unreachable lost -> new Problem(lost.message(), lost.remedy());
              case PollResult.Refused refused -> new Problem(refused.message(), refused.remedy());
              case PollResult.Unchanged _, PollResult.Moved _ ->
                  throw new IllegalStateException("a failed trial moves nothing", e);
            });
      }
    } catch (SourceException e) {
      return Optional.of(
          new Problem(String.valueOf(e.getMessage()), "correct repo in the host configuration"));
    }
  }
}
