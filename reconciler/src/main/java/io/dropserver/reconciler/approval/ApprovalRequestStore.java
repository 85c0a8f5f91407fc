package io.dropserver.reconciler.approval;

import static io.dropserver.state.tables.Tables.APPROVAL_REQUEST;

import io.dropserver.reconciler.approval.ApprovalRequest.GitLocation;
import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.approval.ApprovalRequest.WriteFailure;
import io.dropserver.reconciler.edit.WhitelistEntry;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.tables.tables.records.ApprovalRequestRecord;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jooq.DSLContext;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Stores requests in the state database. Thread-safe. */
record ApprovalRequestStore(StateDatabase database) {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final TypeReference<List<WhitelistEntry>> ENTRIES = new TypeReference<>() {};

  List<ApprovalRequest> all() {
    return database.read(on -> on.selectFrom(APPROVAL_REQUEST).fetch(ApprovalRequestStore::read));
  }

  /** Saves and removes requests in one transaction. */
  void save(Collection<ApprovalRequest> changed, Collection<String> removed) {
    if (changed.isEmpty() && removed.isEmpty()) {
      return;
    }
    database.write(
        on -> {
          changed.forEach(request -> save(on, request));
          on.deleteFrom(APPROVAL_REQUEST).where(APPROVAL_REQUEST.ID.in(removed)).execute();
        });
  }

  private static void save(DSLContext on, ApprovalRequest request) {
    ApprovalRequestRecord row = new ApprovalRequestRecord();
    row.setId(request.id());
    row.setAppspace(request.appspace());
    row.setUrl(request.url());
    row.setMethods(String.join(",", request.methods()));
    row.setGranted(String.join(",", request.granted()));
    row.set(APPROVAL_REQUEST.REASON, request.reason().orElse(null));
    row.setState(request.state().name());
    row.setFirstAsked(request.firstAsked().toEpochMilli());
    row.setLastAsked(request.lastAsked().toEpochMilli());
    row.setTimes(request.times());
    row.setAttemptsByMethod(write(request.attempts()));
    row.setWaitingSince(request.waitingSince().toEpochMilli());
    row.set(APPROVAL_REQUEST.PULL, request.pull().orElse(null));
    row.set(APPROVAL_REQUEST.BRANCH, request.location().map(GitLocation::branch).orElse(null));
    row.set(APPROVAL_REQUEST.COMMIT_ID, request.location().map(GitLocation::commit).orElse(null));
    row.set(APPROVAL_REQUEST.BASE_ID, request.location().map(GitLocation::base).orElse(null));
    row.set(APPROVAL_REQUEST.PROBLEM, request.failure().map(WriteFailure::message).orElse(null));
    row.set(
        APPROVAL_REQUEST.SUGGESTED,
        request.isSuggestion() ? JSON.writeValueAsString(request.suggested()) : null);
    row.setAttempts(request.failure().map(WriteFailure::attempts).orElse(0));
    row.setRetryAt(request.failure().map(t -> t.retryAt().toEpochMilli()).orElse(0L));
    on.insertInto(APPROVAL_REQUEST).set(row).onDuplicateKeyUpdate().set(row).execute();
  }

  private static ApprovalRequest read(ApprovalRequestRecord row) {
    Optional<GitLocation> written =
        Optional.ofNullable(row.getBranch())
            .map(branch -> new GitLocation(branch, row.getCommitId(), row.getBaseId()));
    Optional<WriteFailure> writeFailure =
        Optional.ofNullable(row.getProblem())
            .map(
                problem ->
                    new WriteFailure(
                        problem, row.getAttempts(), Instant.ofEpochMilli(row.getRetryAt())));
    return new ApprovalRequest(
        row.getId(),
        row.getAppspace(),
        row.getUrl(),
        parseList(row.getMethods()),
        parseList(row.getGranted()),
        Optional.ofNullable(row.getReason()),
        State.valueOf(row.getState()),
        Instant.ofEpochMilli(row.getFirstAsked()),
        Instant.ofEpochMilli(row.getLastAsked()),
        row.getTimes(),
        parseMap(row.getAttemptsByMethod()),
        Instant.ofEpochMilli(row.getWaitingSince()),
        Optional.ofNullable(row.getPull()),
        written,
        writeFailure,
        row.getSuggested() == null ? List.of() : JSON.readValue(row.getSuggested(), ENTRIES));
  }

  private static String write(SortedMap<String, Long> attempts) {
    return attempts.entrySet().stream()
        .map(each -> each.getKey() + "=" + each.getValue())
        .collect(Collectors.joining(","));
  }

  private static SortedMap<String, Long> parseMap(String text) {
    SortedMap<String, Long> attempts = new TreeMap<>();
    for (String each : parseList(text)) {
      String[] pair = each.split("=", 2);
      attempts.put(pair[0], Long.parseLong(pair[1]));
    }
    return Collections.unmodifiableSortedMap(attempts);
  }

  private static SortedSet<String> parseList(String text) {
    return text.isEmpty()
        ? Collections.emptySortedSet()
        : Collections.unmodifiableSortedSet(new TreeSet<>(List.of(text.split(",", -1))));
  }
}
