package io.dropserver.reconciler.status;

/** The stores in which a reconcile cycle records its results. */
public record StatusRecords(
    ObjectStates states,
    Revisions revisions,
    AppliedRevision applied,
    ServerState server,
    EventLog events) {}
