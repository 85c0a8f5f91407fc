/** Schedules backups with Quartz. */
@NullMarked
package io.dropserver.backup.schedule;

import org.jspecify.annotations.NullMarked;
