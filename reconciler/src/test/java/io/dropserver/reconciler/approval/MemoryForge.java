package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.forge.PullRequests;
import io.dropserver.reconciler.source.WriteException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A forge next to a repository. A test sets the state of its newest pull request. */
final class MemoryForge implements PullRequests {
  final List<Opened> opened = new ArrayList<>();
  final List<String> closedBecause = new ArrayList<>();
  State state = State.OPEN;
  int answersToLose;
  Optional<Duration> limited = Optional.empty();
  int calls;

  /** Runs while an answer is on its way. */
  Runnable meanwhile = () -> {};

  private final ConfigRepo repo;

  /** The forge keeps the head when the branch is deleted. */
  private String head = "";

  record Opened(String branch, String into, String title, String body) {}

  MemoryForge(ConfigRepo repo) {
    this.repo = repo;
  }

  @Override
  public Optional<Pull> find(String branch, String into) {
    call();
    return opened.isEmpty() || !opened.getLast().branch().equals(branch)
        ? Optional.empty()
        : Optional.of(pull());
  }

  @Override
  public Optional<Pull> find(long number, String branch) {
    call();
    return number == opened.size() && opened.getLast().branch().equals(branch)
        ? Optional.of(pull())
        : Optional.empty();
  }

  @Override
  public Pull open(String branch, String into, String title, String body) {
    call();
    opened.add(new Opened(branch, into, title, body));
    state = State.OPEN;
    if (answersToLose > 0) {
      answersToLose--;
      throw new WriteException("the answer is lost", Optional.empty());
    }
    return pull();
  }

  @Override
  public void close(Pull pull, String why) {
    call();
    closedBecause.add(why);
    state = State.CLOSED;
  }

  private void call() {
    calls++;
    if (limited.isPresent()) {
      throw new WriteException("too many requests", limited);
    }
  }

  private Pull pull() {
    String there =
        ConfigRepo.git(
            repo.remote,
            "for-each-ref",
            "--format=%(objectname)",
            "refs/heads/" + opened.getLast().branch());
    head = there.isEmpty() ? head : there;
    Pull pull = new Pull(opened.size(), "https://forge.example/pull/" + opened.size(), head, state);
    meanwhile.run();
    return pull;
  }
}
