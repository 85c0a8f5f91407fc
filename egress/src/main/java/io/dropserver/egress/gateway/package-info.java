/**
 * The egress gateway: requests from an appspace's socket are checked against its policy, resolved,
 * checked again, and connected to exactly the checked address.
 */
@NullMarked
package io.dropserver.egress.gateway;

import org.jspecify.annotations.NullMarked;
