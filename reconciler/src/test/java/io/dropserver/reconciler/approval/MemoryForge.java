package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.forge.PullRequests;
import io.dropserver.reconciler.source.WriteException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A forge next to a repository, with the answers of Gitea 1.26. A test sets the state of its newest
 * pull request; earlier ones are closed. Like Gitea, it reports no commit of a pull request that is
 * not open while its branch exists, and opens none for a missing branch.
 */
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
    for (int number = opened.size(); number > 0; number--) {
      if (opened.get(number - 1).branch().equals(branch)) {
        return Optional.of(pull(number));
      }
    }
    return Optional.empty();
  }

  @Override
  public Optional<Pull> find(long number, String branch) {
    call();
    return number > 0
            && number <= opened.size()
            && opened.get((int) number - 1).branch().equals(branch)
        ? Optional.of(pull((int) number))
        : Optional.empty();
  }

  @Override
  public Pull open(String branch, String into, String title, String body) {
    call();
    if (tip(branch).isEmpty()) {
      throw new WriteException("the forge answers 404", Optional.empty());
    }
    opened.add(new Opened(branch, into, title, body));
    state = State.OPEN;
    if (answersToLose > 0) {
      answersToLose--;
      throw new WriteException("the answer is lost", Optional.empty());
    }
    return pull(opened.size());
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

  private String tip(String branch) {
    return ConfigRepo.git(
        repo.remote, "for-each-ref", "--format=%(objectname)", "refs/heads/" + branch);
  }

  private Pull pull(int number) {
    boolean newest = number == opened.size();
    State now = newest ? state : State.CLOSED;
    String there = tip(opened.get(number - 1).branch());
    head = there.isEmpty() ? head : there;
    String reported = now == State.OPEN || there.isEmpty() ? head : "";
    Pull pull = new Pull(number, "https://forge.example/pull/" + number, reported, now);
    meanwhile.run();
    return pull;
  }
}
