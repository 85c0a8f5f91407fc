package io.dropserver.schema.state;

import io.dropserver.schema.state.DataFolders.Claim;
import io.dropserver.schema.state.DataFolders.How;
import io.dropserver.schema.state.DataFolders.Outcome;
import io.dropserver.schema.state.DataFolders.Ready;
import io.dropserver.schema.state.DataFolders.Withheld;
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
  private final Map<String, DataFolder> given = new LinkedHashMap<>();
  private final Uids uids;
  private final Instant now;
  private int nextUid;

  /**
   * @param live by appspace
   * @param retained newest first; the first one of each appspace name is used
   */
  ClaimBatch(Map<String, DataFolder> live, List<DataFolder> retained, Uids uids, Instant now) {
    this.live = live;
    retained.forEach(data -> this.retained.putIfAbsent(data.appspace(), data));
    this.uids = uids;
    this.now = now;
    this.nextUid = uids.first();
  }

  Outcome decide(Claim claim) {
    Outcome outcome = outcome(claim);
    if (outcome instanceof Ready(DataFolder data, How how)) {
      given.put(data.id(), data);
      nextUid = how == How.CREATED ? data.uid() + 1 : nextUid;
    }
    return outcome;
  }

  /** Returns all assigned data folders in their new state. */
  Collection<DataFolder> given() {
    return given.values();
  }

  /** Returns a uid above every assigned one. */
  int nextUid() {
    return nextUid;
  }

  private Outcome outcome(Claim claim) {
    DataFolder own = live.get(claim.appspace());
    if (own != null) {
      return ready(own, claim, How.KEPT);
    }
    DataFolder earlier = claim.renamedFrom().map(live::get).orElse(null);
    if (earlier != null && !given.containsKey(earlier.id())) {
      return ready(earlier, claim, How.RENAMED);
    }
    DataFolder left =
        claim.renamedFrom().map(retained::get).orElseGet(() -> retained.get(claim.appspace()));
    if (left != null && !given.containsKey(left.id())) {
      return left.app().equals(claim.app()) && left.owner().equals(claim.owner())
          ? ready(left, claim, How.ADOPTED)
          : new Withheld(left);
    }
    return new Ready(fresh(claim), How.CREATED);
  }

  private static Ready ready(DataFolder data, Claim claim, How how) {
    return new Ready(data.of(claim.appspace(), claim.app(), claim.owner()), how);
  }

  private DataFolder fresh(Claim claim) {
    String id = UUID.randomUUID().toString();
    return new DataFolder(
        id,
        id,
        claim.appspace(),
        claim.app(),
        claim.owner(),
        uids.checked(nextUid),
        now,
        claim.writer(),
        Optional.empty());
  }
}
