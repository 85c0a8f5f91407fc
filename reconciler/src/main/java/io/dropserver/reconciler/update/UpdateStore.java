package io.dropserver.reconciler.update;

import static io.dropserver.state.tables.Tables.APP_FOLLOW;
import static io.dropserver.state.tables.Tables.APP_UPDATE;

import io.dropserver.base.text.ShortText;
import io.dropserver.schema.instance.SemanticVersion;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.Reason;
import io.dropserver.state.condition.UpdateReason;
import io.dropserver.state.tables.tables.records.AppFollowRecord;
import io.dropserver.state.tables.tables.records.AppUpdateRecord;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Remembers offers and questions across restarts. Keeps at most {@value #KEPT} offers of each app,
 * and {@value #KEPT_OF_OTHERS} of all apps that are not followed any more. Reads are served from
 * memory, because every status lists all apps and appspaces. Thread-safe.
 */
final class UpdateStore {
  /** The maximum number of remembered offers of one app. */
  static final int KEPT = 50;

  /** The maximum number of remembered offers of all apps that are not followed. */
  static final int KEPT_OF_OTHERS = 500;

  /** The maximum length of a stored message or summary, in characters. */
  static final int TEXT_CHARS = 2_000;

  private final StateDatabase database;

  /** Empty until they are read, and after each change. */
  private Optional<Map<String, List<Offer>>> offers = Optional.empty();

  private Optional<Map<String, Question>> questions = Optional.empty();

  UpdateStore(StateDatabase database) {
    this.database = database;
  }

  /**
   * The questions about one app.
   *
   * @param failures consecutive ones that are retried soon
   */
  record Question(Instant nextAt, int failures, Optional<Problem> problem) {}

  /** Why the last question did not end in an offer. */
  record Problem(UpdateReason reason, String message, Instant since) {}

  synchronized Optional<Question> question(String app) {
    return Optional.ofNullable(questions().get(app));
  }

  private synchronized Map<String, Question> questions() {
    Map<String, Question> all =
        questions.orElseGet(
            () ->
                database.read(on -> on.fetch(APP_FOLLOW)).stream()
                    .collect(Collectors.toMap(AppFollowRecord::getApp, UpdateStore::question)));
    questions = Optional.of(all);
    return all;
  }

  private static Question question(AppFollowRecord row) {
    Instant since = Instant.ofEpochMilli(Optional.ofNullable(row.getFailedAt()).orElse(0L));
    return new Question(
        Instant.ofEpochMilli(row.getNextAt()),
        row.getFailures(),
        Optional.ofNullable(row.getReason())
            .flatMap(reason -> Reason.find(UpdateReason.class, reason))
            .map(reason -> new Problem(reason, String.valueOf(row.getMessage()), since)));
  }

  synchronized void put(String app, Question question) {
    questions = Optional.empty();
    database.write(
        on -> {
          on.deleteFrom(APP_FOLLOW).where(APP_FOLLOW.APP.eq(app)).execute();
          on.insertInto(APP_FOLLOW)
              .set(APP_FOLLOW.APP, app)
              .set(APP_FOLLOW.NEXT_AT, question.nextAt().toEpochMilli())
              .set(APP_FOLLOW.FAILURES, question.failures())
              .set(APP_FOLLOW.REASON, question.problem().map(p -> p.reason().text()).orElse(null))
              .set(
                  APP_FOLLOW.MESSAGE,
                  question.problem().map(p -> ShortText.of(p.message(), TEXT_CHARS)).orElse(null))
              .set(
                  APP_FOLLOW.FAILED_AT,
                  question.problem().map(p -> p.since().toEpochMilli()).orElse(null))
              .execute();
        });
  }

  /** Returns the offers of an app, in the order of their versions. */
  synchronized List<Offer> offers(String app) {
    return List.copyOf(all().getOrDefault(app, List.of()));
  }

  private synchronized Map<String, List<Offer>> all() {
    Map<String, List<Offer>> all =
        offers.orElseGet(
            () ->
                database.read(on -> on.fetch(APP_UPDATE)).stream()
                    .flatMap(row -> offer(row).stream())
                    .sorted(Comparator.comparing(Offer::version))
                    .collect(Collectors.groupingBy(Offer::app)));
    offers = Optional.of(all);
    return all;
  }

  private static Optional<Offer> offer(AppUpdateRecord row) {
    return SemanticVersion.parse(row.getVersion())
        .map(
            version ->
                new Offer(
                    row.getApp(),
                    version,
                    state(row.getState()),
                    row.getCommitId(),
                    row.getPlace(),
                    row.getSummary(),
                    Instant.ofEpochMilli(row.getChangedAt())));
  }

  private static Offer.State state(String text) {
    return switch (text) {
      case "open" -> Offer.State.OPEN;
      case "superseded" -> Offer.State.SUPERSEDED;
      default -> Offer.State.DECLINED;
    };
  }

  /**
   * Records an offer in place of an earlier state of it, and deletes the lowest ones over the
   * limit.
   */
  synchronized void put(Offer offer) {
    List<Offer> all = offers(offer.app());
    offers = Optional.empty();
    database.write(
        on -> {
          on.deleteFrom(APP_UPDATE)
              .where(APP_UPDATE.APP.eq(offer.app()))
              .and(APP_UPDATE.VERSION.eq(offer.version().toString()))
              .execute();
          on.insertInto(APP_UPDATE)
              .set(APP_UPDATE.APP, offer.app())
              .set(APP_UPDATE.VERSION, offer.version().toString())
              .set(APP_UPDATE.STATE, offer.state().name().toLowerCase(Locale.ROOT))
              .set(APP_UPDATE.COMMIT_ID, offer.commit())
              .set(APP_UPDATE.PLACE, offer.place())
              .set(APP_UPDATE.SUMMARY, ShortText.of(offer.summary(), TEXT_CHARS))
              .set(APP_UPDATE.CHANGED_AT, offer.changedAt().toEpochMilli())
              .execute();
        });
    all.stream().limit(Math.max(0, all.size() - KEPT)).forEach(this::forget);
  }

  /**
   * Records a later state of an offer, unless its state changed in the meantime.
   *
   * @return whether it was recorded
   */
  synchronized boolean replace(Offer expected, Offer next) {
    boolean same = offers(expected.app()).contains(expected);
    if (same) {
      put(next);
    }
    return same;
  }

  synchronized void forget(Offer offer) {
    offers = Optional.empty();
    database.write(
        on ->
            on.deleteFrom(APP_UPDATE)
                .where(APP_UPDATE.APP.eq(offer.app()))
                .and(APP_UPDATE.VERSION.eq(offer.version().toString()))
                .execute());
  }

  /** Returns the names of all apps of which something is remembered. */
  List<String> apps() {
    return database.read(
        on ->
            on.select(APP_FOLLOW.APP)
                .from(APP_FOLLOW)
                .union(on.select(APP_UPDATE.APP).from(APP_UPDATE))
                .fetch(APP_FOLLOW.APP));
  }

  /**
   * Forgets questions about apps that are not followed. Their offers are kept. Writes only if there
   * is such a question.
   */
  synchronized void keepQuestions(Set<String> followed) {
    if (followed.containsAll(questions().keySet())) {
      return;
    }
    questions = Optional.empty();
    database.write(on -> on.deleteFrom(APP_FOLLOW).where(APP_FOLLOW.APP.notIn(followed)).execute());
  }

  /**
   * Forgets the oldest offers of apps that are not followed, over the limit. A person may follow
   * such an app again, so the newest ones are kept.
   */
  synchronized void pruneOffers(Set<String> followed) {
    List<Offer> others =
        all().entrySet().stream()
            .filter(entry -> !followed.contains(entry.getKey()))
            .flatMap(entry -> entry.getValue().stream())
            .sorted(Comparator.comparing(Offer::changedAt).reversed())
            .toList();
    others.stream().skip(KEPT_OF_OTHERS).forEach(this::forget);
  }
}
