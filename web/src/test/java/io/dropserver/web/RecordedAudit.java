package io.dropserver.web;

import io.dropserver.control.AuditOutcome;
import io.dropserver.control.AuditSource;
import io.dropserver.control.AuditTrail;
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
