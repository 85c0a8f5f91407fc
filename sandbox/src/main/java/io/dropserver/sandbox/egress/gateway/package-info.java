/**
 * The egress gateway: what comes through an appspace's socket is judged by its policy, resolved,
 * checked, and connected to exactly there.
 */
@NullMarked
package io.dropserver.sandbox.egress.gateway;

import org.jspecify.annotations.NullMarked;
