package io.dropserver.state;

import io.dropserver.state.ClaimOutcome.ClaimOrigin;
import io.dropserver.state.ClaimOutcome.DataAssigned;
import io.dropserver.state.ClaimOutcome.DataWithheld;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Assigns data folders for several claims together, so that no folder is assigned twice. */
final class ClaimBatch {
  private final Map<String, DataFolder> live;
  private final Map<String, DataFolder> retained = new HashMap<>();
  private final List<DataFolder> waiting;
  private final Map<String, DataFolder> assigned = new LinkedHashMap<>();
  private final UidAllocator uidAllocator;
  private final Instant now;
  private int nextUid;

  /**
   * @param live by appspace
   * @param retained newest first; the first one of each appspace name is used
   * @param waiting data without a declared appspace; the first one that matches a claim is reported
   */
  ClaimBatch(
      Map<String, DataFolder> live,
      List<DataFolder> retained,
      List<DataFolder> waiting,
      UidAllocator uidAllocator,
      Instant now) {
    this.live = live;
    retained.forEach(data -> this.retained.putIfAbsent(data.appspace(), data));
    this.waiting = waiting;
    this.uidAllocator = uidAllocator;
    this.now = now;
    this.nextUid = uidAllocator.first();
  }

  ClaimOutcome decide(DataClaim dataClaim) {
    ClaimOutcome claimOutcome = outcome(dataClaim);
    if (claimOutcome instanceof DataAssigned(DataFolder data, ClaimOrigin claimOrigin)) {
      assigned.put(data.id(), data);
      nextUid = claimOrigin == ClaimOrigin.CREATED ? data.uid() + 1 : nextUid;
    }
    return claimOutcome;
  }

  /** Returns all assigned data folders in their new state. */
  Collection<DataFolder> assigned() {
    return assigned.values();
  }

  /** Returns a uid above every assigned one. */
  int nextUid() {
    return nextUid;
  }

  private ClaimOutcome outcome(DataClaim dataClaim) {
    DataFolder own = live.get(dataClaim.appspace());
    if (own != null) {
      return ready(own, dataClaim, ClaimOrigin.KEPT);
    }
    DataFolder earlier = dataClaim.renamedFrom().map(live::get).orElse(null);
    if (earlier != null && isUnassigned(earlier)) {
      return ready(earlier, dataClaim, ClaimOrigin.RENAMED);
    }
    DataFolder left =
        dataClaim
            .renamedFrom()
            .map(retained::get)
            .orElseGet(() -> retained.get(dataClaim.appspace()));
    Optional<DataFolder> named = Optional.ofNullable(left).filter(this::isUnassigned);
    if (named.filter(dataClaim::matches).isPresent()) {
      return ready(named.get(), dataClaim, ClaimOrigin.ADOPTED);
    }
    Optional<DataFolder> withheld = named.or(() -> waitingFor(dataClaim));
    return withheld.isEmpty() || dataClaim.startEmpty()
        ? new DataAssigned(newFolder(dataClaim), ClaimOrigin.CREATED)
        : new DataWithheld(withheld.get());
  }

  private Optional<DataFolder> waitingFor(DataClaim dataClaim) {
    return waiting.stream().filter(dataClaim::matches).filter(this::isUnassigned).findFirst();
  }

  private boolean isUnassigned(DataFolder data) {
    return !assigned.containsKey(data.id());
  }

  private static DataAssigned ready(DataFolder data, DataClaim dataClaim, ClaimOrigin claimOrigin) {
    return new DataAssigned(
        data.assignedTo(dataClaim.appspace(), dataClaim.app(), dataClaim.owner()), claimOrigin);
  }

  private DataFolder newFolder(DataClaim dataClaim) {
    String id = UUID.randomUUID().toString();
    return new DataFolder(
        id,
        id,
        dataClaim.appspace(),
        dataClaim.app(),
        dataClaim.owner(),
        uidAllocator.requireInRange(nextUid),
        now,
        dataClaim.writer(),
        Optional.empty());
  }
}
