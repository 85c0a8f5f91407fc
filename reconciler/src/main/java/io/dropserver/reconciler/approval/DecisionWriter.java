package io.dropserver.reconciler.approval;

import io.dropserver.base.concurrent.HeldLock;
import io.dropserver.control.ControlException;
import io.dropserver.egress.Destination;
import io.dropserver.egress.EgressPolicy;
import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.edit.WhitelistEntry;
import io.dropserver.reconciler.edit.WhitelistEntry.ListName;
import io.dropserver.schema.instance.EndOfGrant;
import java.io.IOException;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits a reviewer's decision to the followed branch, with the reviewer as author. Thread-safe.
 *
 * @param writes held while commits are created and pushed
 */
record DecisionWriter(
    ApprovalRequestRegistry requests, CommitWriter commitWriter, ReentrantLock writes) {
  private static final Logger LOG = LoggerFactory.getLogger(DecisionWriter.class);

  /**
   * Allows a request or a part of it.
   *
   * @param url a narrower URL than the requested one, or the URL of one line of a suggestion, which
   *     is {@code browser:NAME} for a browser feature; empty means all that is requested
   * @param methods empty means all requested methods
   * @param end when the grant ends; empty if it does not
   * @throws ControlException when the decision exceeds the request or cannot be written
   */
  void approve(
      ApprovalRequest request,
      Optional<String> url,
      SortedSet<String> methods,
      Optional<Instant> end,
      String by) {
    List<WhitelistEntry> entries =
        request.isSuggestion()
            ? lines(request, url, methods)
            : List.of(entry(request, url, methods));
    if (!EgressPolicy.METHODS.containsAll(methods)) {
      throw new ControlException("the methods are " + String.join(", ", EgressPolicy.METHODS));
    }
    Optional<String> expires = end.map(EndOfGrant::format);
    commit(
        request, ListName.ALLOW, entries.stream().map(entry -> entry.until(expires)).toList(), by);
    SortedSet<String> allowed = new TreeSet<>();
    entries.forEach(entry -> allowed.addAll(entry.methods()));
    decided(request, State.GRANTED, allowed);
  }

  private static WhitelistEntry entry(
      ApprovalRequest request, Optional<String> url, SortedSet<String> methods) {
    url.ifPresent(narrower -> requireSameOrigin(request.url(), narrower));
    return new WhitelistEntry(
        url.orElse(request.url()),
        methods.isEmpty() ? request.methods() : methods,
        request.reason());
  }

  /**
   * Returns the entries of a suggestion that are allowed: all of them or, if a URL is given, only
   * those with that URL. The others are denied.
   */
  private static List<WhitelistEntry> lines(
      ApprovalRequest suggestion, Optional<String> url, SortedSet<String> methods) {
    if (url.isEmpty() && methods.isEmpty()) {
      return suggestion.suggested();
    }
    String only =
        url.orElseThrow(
            () -> new ControlException("also name one of the suggested lines with --url"));
    List<WhitelistEntry> lines =
        suggestion.suggested().stream()
            .filter(line -> line.url().equals(only))
            .map(
                line ->
                    methods.isEmpty() || line.browserFeature().isPresent()
                        ? line
                        : line.withMethods(methods).onOneLine())
            .toList();
    if (lines.isEmpty()) {
      throw new ControlException(
          "the URL is not one of the suggested lines; `dropserver approvals show %s` lists them"
              .formatted(suggestion.id()));
    }
    return lines;
  }

  /**
   * Denies a request, so that it is not presented again.
   *
   * @throws ControlException when the decision cannot be written
   */
  void deny(ApprovalRequest request, String by) {
    SortedSet<String> every = Collections.emptySortedSet();
    List<WhitelistEntry> entries =
        request.entries().stream().map(entry -> entry.withMethods(every)).toList();
    commit(request, ListName.DENY, entries, by);
    decided(request, State.DENIED, every);
  }

  private void commit(
      ApprovalRequest request, ListName list, List<WhitelistEntry> entries, String by) {
    try (var _ = new HeldLock(writes)) {
      commitWriter.commitToFollowed(request, list, entries, DecisionAuthor.of(by));
    } catch (IOException | RuntimeException e) {
      LOG.info("the decision on {} could not be written: {}", request.id(), e.getMessage());
      throw new ControlException("the decision was not written: " + e.getMessage());
    }
  }

  private void decided(ApprovalRequest request, State state, SortedSet<String> allowed) {
    SortedSet<String> all = new TreeSet<>(request.granted());
    all.addAll(allowed);
    requests.update(
        request.id(), now -> now.decided(state, Collections.unmodifiableSortedSet(all)));
  }

  private static void requireSameOrigin(String wanted, String url) {
    String requestedOrigin = Destination.parse(wanted).origin();
    String given;
    try {
      given = Destination.parse(url).origin();
    } catch (RuntimeException e) {
      throw new ControlException("the URL is not valid: " + e.getMessage());
    }
    if (!requestedOrigin.equals(given)) {
      throw new ControlException("the URL is not below " + wanted + ", which the app requested");
    }
  }
}
