package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.source.History.Author;
import io.dropserver.sandbox.egress.Destination;
import io.dropserver.sandbox.egress.EgressPolicy;
import io.dropserver.schema.edit.WhitelistEntry;
import io.dropserver.schema.edit.WhitelistEntry.ListName;
import io.dropserver.web.control.ControlException;
import java.io.IOException;
import java.util.Collections;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Commits a person's decision to the followed branch, in their name. Thread-safe. */
final class Verdicts {
  private static final Logger LOG = LoggerFactory.getLogger(Verdicts.class);

  private final RequestBook book;
  private final Scribe scribe;

  /** Held while the scribe is at work. */
  private final ReentrantLock writes;

  Verdicts(RequestBook book, Scribe scribe, ReentrantLock writes) {
    this.book = book;
    this.scribe = scribe;
    this.writes = writes;
  }

  /**
   * @param url narrower than what was asked for; empty means just that
   * @param methods empty means all that were asked for
   * @throws ControlException when it is not a part of what was asked for, or cannot be written
   */
  void approve(
      ApprovalRequest request, Optional<String> url, SortedSet<String> methods, String by) {
    url.ifPresent(narrower -> requireSameOrigin(request, narrower));
    SortedSet<String> allowed = methods.isEmpty() ? request.methods() : methods;
    if (!EgressPolicy.METHODS.containsAll(allowed)) {
      throw new ControlException("the methods are " + String.join(", ", EgressPolicy.METHODS));
    }
    String granted = url.orElse(request.url());
    WhitelistEntry entry = new WhitelistEntry(granted, allowed, request.reason());
    commit(request, ListName.ALLOW, entry, by);
    decided(request, State.GRANTED, allowed);
  }

  /**
   * A remembered no.
   *
   * @throws ControlException when it cannot be written
   */
  void deny(ApprovalRequest request, String by) {
    SortedSet<String> every = Collections.emptySortedSet();
    WhitelistEntry entry = new WhitelistEntry(request.url(), every, request.reason());
    commit(request, ListName.DENY, entry, by);
    decided(request, State.DENIED, every);
  }

  private void commit(ApprovalRequest request, ListName list, WhitelistEntry entry, String by) {
    writes.lock();
    try {
      scribe.toFollowed(request, list, entry, author(by));
    } catch (IOException | RuntimeException e) {
      LOG.info("the decision on {} could not be written: {}", request.id(), e.getMessage());
      throw new ControlException("the decision was not written: " + e.getMessage());
    } finally {
      writes.unlock();
    }
  }

  private void decided(ApprovalRequest request, State state, SortedSet<String> allowed) {
    SortedSet<String> all = new TreeSet<>(request.granted());
    all.addAll(allowed);
    book.update(request.id(), now -> now.decided(state, Collections.unmodifiableSortedSet(all)));
  }

  private static Author author(String by) {
    String name = InertText.of(by).orElse("").replaceAll("[<>]", "").strip();
    String shown = name.isEmpty() ? "somebody" : name;
    String local = shown.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    return new Author(shown, local + "@dropserver.invalid");
  }

  private static void requireSameOrigin(ApprovalRequest request, String url) {
    String asked = Destination.parse(request.url()).origin();
    String given;
    try {
      given = Destination.parse(url).origin();
    } catch (RuntimeException e) {
      throw new ControlException("the URL is none: " + e.getMessage());
    }
    if (!asked.equals(given)) {
      throw new ControlException(
          "the URL is not below " + request.url() + ", which is what was asked for");
    }
  }
}
