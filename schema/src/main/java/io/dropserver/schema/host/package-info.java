/**
 * {@code dropserver.yaml}: the configuration of one machine. It is never part of the instance
 * repository, because a commit there could then change the credentials, the allowed signers and the
 * required isolation.
 */
@NullMarked
package io.dropserver.schema.host;

import org.jspecify.annotations.NullMarked;
