/**
 * {@code dropserver.yaml}: the configuration of one machine. It is never in the instance
 * repository, because what it says (credentials, allowed signers, weaker isolation) would there
 * authorise itself.
 */
@NullMarked
package io.dropserver.schema.host;

import org.jspecify.annotations.NullMarked;
