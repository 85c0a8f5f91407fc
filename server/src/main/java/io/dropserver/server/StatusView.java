package io.dropserver.server;

import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.EgressLine;
import io.dropserver.control.EgressUse;
import io.dropserver.control.InstanceStatus;
import io.dropserver.control.InstanceView;
import io.dropserver.control.LayerStatus;
import io.dropserver.control.LogLine;
import io.dropserver.control.Membership;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.RetainedData;
import io.dropserver.control.RevisionStatus;
import io.dropserver.control.VisitorRequest;
import io.dropserver.reconciler.approval.Approvals;
import io.dropserver.reconciler.approval.GrantConditions;
import io.dropserver.reconciler.converge.IsolationConditions;
import io.dropserver.reconciler.converge.SandboxManager;
import io.dropserver.reconciler.converge.SiteUrls;
import io.dropserver.reconciler.job.JobConditions;
import io.dropserver.reconciler.secret.SecretService;
import io.dropserver.reconciler.status.LiveUsage;
import io.dropserver.reconciler.status.ObjectState;
import io.dropserver.reconciler.status.Revisions.Refusal;
import io.dropserver.reconciler.update.UpdateConditions;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Resource;
import io.dropserver.state.DataFolder;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.Event;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Assembles the current state for the command line and the dashboard. Thread-safe. */
record StatusView(
    Stores stores,
    Approvals requests,
    SandboxManager sandboxes,
    SiteUrls urls,
    IsolationConditions isolation,
    LiveUsage usage,
    ReconcilerModule.Backups backups,
    JobConditions jobs,
    SecretService secrets,
    UpdateConditions updates,
    GrantConditions grants,
    Function<String, List<VisitorRequest>> visitors)
    implements InstanceView {
  @Override
  public InstanceStatus status() {
    List<ObjectStatus> objects = objects(Optional.empty(), Optional.empty());
    RevisionStatus recorded = stores.records().revisions().revision();
    RevisionStatus revision = isServing() ? recorded : recorded.withoutServed();
    List<Condition> conditions =
        Stream.concat(
                stores.records().server().conditions().list().stream(),
                backups.serverConditions().get().stream())
            .toList();
    boolean current = revision.served().isPresent() && revision.served().equals(revision.seen());
    boolean healthy = conditions.stream().noneMatch(Condition::preventsReady);
    return new InstanceStatus(
        revision,
        current
            && healthy
            && allObserved(objects)
            && objects.stream().allMatch(ObjectStatus::ready),
        stores.records().server().isSuspended(),
        stores.declared().domain().isEmpty() ? "" : urls.of(stores.declared().domain()),
        conditions,
        objects,
        stores.records().revisions().refused().map(Refusal::problems).orElse(List.of()));
  }

  /** Returns false until this process has read a revision, which may have been served before. */
  private boolean isServing() {
    return stores.declared().instance().isPresent();
  }

  /**
   * Returns whether every declared appspace has a state. A new appspace has none until the
   * converger starts an attempt at it.
   */
  private boolean allObserved(List<ObjectStatus> objects) {
    Set<String> known =
        objects.stream()
            .filter(object -> object.kind().equals(Kind.APPSPACE.text()))
            .map(ObjectStatus::name)
            .collect(Collectors.toSet());
    return stores.declared().instance().stream()
        .allMatch(instance -> known.containsAll(instance.appspaces().keySet()));
  }

  @Override
  public List<LayerStatus> layers() {
    return sandboxes.layers().stream()
        .map(
            layer -> new LayerStatus(layer.name(), layer.present(), layer.detail(), layer.remedy()))
        .toList();
  }

  @Override
  public List<ObjectStatus> objects(Optional<String> kind, Optional<String> name) {
    return stores.records().states().sorted().stream()
        .filter(state -> kind.stream().allMatch(state.key().kind().text()::equalsIgnoreCase))
        .filter(state -> name.stream().allMatch(state.key().name()::equals))
        .map(state -> status(state, name.isPresent()))
        .toList();
  }

  @Override
  public List<Event> events(int limit) {
    return stores.records().events().newest(limit);
  }

  @Override
  public void logs(String appspace, boolean follow, Consumer<LogLine> line) throws IOException {
    stores.declared().requireAppspace(appspace);
    sandboxes.logs(appspace, follow, line);
  }

  @Override
  public void egressLog(String appspace, boolean follow, Consumer<EgressLine> line) {
    stores.declared().requireAppspace(appspace);
    sandboxes.egressLog(appspace, follow, line);
  }

  @Override
  public List<VisitorRequest> visitorRequests(String appspace) {
    stores.declared().requireAppspace(appspace);
    return visitors.apply(appspace);
  }

  @Override
  public List<EgressUse> egressUse() {
    return sandboxes.egressUse();
  }

  @Override
  public List<ApprovalStatus> approvals() {
    return requests.list();
  }

  @Override
  public List<RetainedData> retainedData() {
    return stores.data().retained().stream().map(this::retained).toList();
  }

  private RetainedData retained(DataFolder folder) {
    return new RetainedData(
        folder.id(),
        folder.appspace(),
        folder.app(),
        folder.owner(),
        folder.retainedAt().orElseThrow(),
        sandboxes.storedBytes(stores.data().files(folder)));
  }

  private ObjectStatus status(ObjectState state, boolean withHistory) {
    Optional<Resource> resource = stores.declared().find(state.key());
    Optional<Appspace> appspace =
        resource.filter(Appspace.class::isInstance).map(Appspace.class::cast);
    List<Condition> conditions = new ArrayList<>(state.conditions().list());
    if (state.key().kind() == Kind.APPSPACE) {
      stores.failures().readOnly(state.key().name()).ifPresent(conditions::add);
      // A paused appspace has no sandbox that could fail.
      if (!isHeldBack(state)) {
        stores.failures().failing(state.key().name()).ifPresent(conditions::add);
        appspace.map(usage::conditions).ifPresent(conditions::addAll);
        appspace.flatMap(jobs::failing).ifPresent(conditions::add);
      }
      appspace.map(isolation::of).ifPresent(conditions::add);
      appspace.map(backups.conditions()).ifPresent(conditions::addAll);
      appspace.flatMap(secrets::missingCondition).ifPresent(conditions::add);
      appspace
          .flatMap(each -> grants.ending(stores.declared().whitelists(each.name())))
          .ifPresent(conditions::add);
      appspace.map(updates::ofAppspace).ifPresent(conditions::addAll);
      appspace
          .flatMap(each -> stores.customHosts().condition(each, stores.declared().domain()))
          .ifPresent(conditions::add);
    } else if (state.key().kind() == Kind.APP) {
      conditions.addAll(updates.ofApp(state.key().name()));
    }
    if (state.key().kind() != Kind.APPSPACE || !stores.work().isInProgress(state.key().name())) {
      conditions.replaceAll(this::observedNow);
    }
    if (state.key().kind() == Kind.APPSPACE && !isServing()) {
      conditions.replaceAll(StatusView::notServed);
    }
    Optional<Condition> ready = readiness(conditions);
    return new ObjectStatus(
        state.key().kind().text(),
        state.key().name(),
        ready.map(Condition::status).orElse(false),
        ready.map(Condition::reason).orElse(AppspaceReason.PREPARING.text()),
        ready.map(Condition::message).orElse(""),
        appspace.map(this::url),
        resource.map(object -> object.location().toString()).orElse(state.source()),
        List.copyOf(conditions),
        appspace.flatMap(each -> usage.of(each, withHistory)),
        stores.declared().labels(state.key()),
        appspace.map(each -> jobs.status(each.name())).orElse(List.of()),
        state.key().kind() == Kind.GROUP ? members(state.key().name()) : List.of());
  }

  private static Condition notServed(Condition condition) {
    return condition.hasType(ConditionType.READY) && condition.status()
        ? new Condition(
            ConditionType.READY,
            false,
            AppspaceReason.REVISION_MISSING,
            "the server has not read a revision of the config repository since it started, so it"
                + " serves no appspace",
            condition.observedRevision(),
            condition.since())
        : condition;
  }

  /**
   * Replaces {@code Ready}, as the reconciler recorded it, by the reason why the object is not
   * ready at the moment.
   *
   * @return the condition, if it exists
   */
  private static Optional<Condition> readiness(List<Condition> conditions) {
    Optional<Condition> failing =
        conditions.stream()
            .filter(each -> each.preventsReady() && !each.hasType(ConditionType.READY))
            .findFirst();
    conditions.replaceAll(
        each ->
            each.hasType(ConditionType.READY) && each.status() && failing.isPresent()
                ? each.falseBecauseOf(failing.get())
                : each);
    return conditions.stream().filter(each -> each.hasType(ConditionType.READY)).findFirst();
  }

  private String url(Appspace appspace) {
    return urls.of(
        stores
            .customHosts()
            .primary(appspace)
            .orElseGet(() -> appspace.host() + "." + stores.declared().domain()));
  }

  private List<Membership> members(String group) {
    return stores.claimedGroups().memberships().stream()
        .filter(membership -> membership.group().equals(group))
        .toList();
  }

  private static boolean isHeldBack(ObjectState state) {
    return state
        .conditions()
        .find(ConditionType.READY)
        .filter(
            c -> c.hasReason(AppspaceReason.PAUSED) || c.hasReason(AppspaceReason.HELD_BY_OPERATOR))
        .isPresent();
  }

  /**
   * Returns a condition as observed at the served revision. Stored conditions name an earlier
   * revision if later ones did not change the object.
   */
  private Condition observedNow(Condition condition) {
    String revision = stores.declared().revision();
    return revision.isEmpty() || condition.observedRevision().isEmpty()
        ? condition
        : condition.observedAt(revision);
  }
}
