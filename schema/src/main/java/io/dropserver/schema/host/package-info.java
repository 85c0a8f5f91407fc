/**
 * {@code dropserver.yaml}: the configuration of one machine. It is never part of the instance
 * repository: its settings (credentials, allowed signers, weaker isolation) could authorise
 * themselves there.
 */
@NullMarked
package io.dropserver.schema.host;

import org.jspecify.annotations.NullMarked;
