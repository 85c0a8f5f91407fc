@NullMarked
package io.dropserver.web.client;

import org.jspecify.annotations.NullMarked;
