package io.dropserver.web;

import io.dropserver.schema.status.AuditOutcome;
import io.dropserver.schema.status.AuditSource;
import io.dropserver.schema.status.AuditTrail;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps the records, as {@code ACTOR ACTION OBJECT OUTCOME}. */
public final class RecordedAudit implements AuditTrail {
  public final List<String> records = new CopyOnWriteArrayList<>();
  public final List<AuditSource> sources = new CopyOnWriteArrayList<>();

  @Override
  public void record(AuditSource source, String action, String object, AuditOutcome outcome) {
    sources.add(source);
    records.add(String.join(" ", source.actor(), action, object, outcome.text()));
  }
}
