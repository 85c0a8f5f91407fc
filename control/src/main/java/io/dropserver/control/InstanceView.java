package io.dropserver.control;

import io.dropserver.state.condition.Event;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The state that the control API reports; implemented by the reconciler. Thread-safe. */
public interface InstanceView {

  InstanceStatus status();

  /** Returns the isolation layers that the server provides. */
  List<LayerStatus> layers();

  /**
   * Returns the declared objects with their status.
   *
   * @param kind as written in YAML; empty for all
   * @param name empty for all
   */
  List<ObjectStatus> objects(Optional<String> kind, Optional<String> name);

  /** Returns the latest events, newest first. */
  List<Event> events(int limit);

  /**
   * Passes the stored log of an appspace to a consumer, oldest line first. With {@code follow}, the
   * call continues until the thread is interrupted or the consumer throws.
   *
   * @throws ControlException when there is no such appspace
   */
  void logs(String appspace, boolean follow, Consumer<LogLine> line) throws IOException;

  /**
   * Passes the stored outgoing requests of an appspace's server code to a consumer. Behaves like
   * {@link #logs}.
   */
  void egressLog(String appspace, boolean follow, Consumer<EgressLine> line) throws IOException;

  /**
   * Returns the latest ten requests to an appspace since the server started, oldest first.
   *
   * @throws ControlException when there is no such appspace
   */
  List<VisitorRequest> visitorRequests(String appspace);

  /** Returns the egress of each appspace since this server started, ordered by name. */
  List<EgressUse> egressUse();

  List<RetainedData> retainedData();

  /** Returns the egress requests: undecided ones first, then by the time of the first request. */
  List<ApprovalStatus> approvals();
}
