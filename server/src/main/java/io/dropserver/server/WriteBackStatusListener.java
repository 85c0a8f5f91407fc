package io.dropserver.server;

import io.dropserver.reconciler.approval.Approvals;
import io.dropserver.reconciler.status.ServerState;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.InstanceReason;
import java.util.Optional;

/**
 * Connects the write-back of requests to the rest of the server.
 *
 * @param poke triggers a poll of the remote
 */
record WriteBackStatusListener(Runnable poke, ServerState server)
    implements Approvals.WriteBackListener {
  @Override
  public void pushed() {
    poke.run();
  }

  @Override
  public void blocked(Optional<String> why) {
    if (why.isPresent()) {
      server.set(ConditionType.APPROVALS_WAITING, InstanceReason.NOT_WRITTEN, why.get());
    } else {
      server.clear(ConditionType.APPROVALS_WAITING);
    }
  }
}
