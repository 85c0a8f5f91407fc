@NullMarked
package io.dropserver.web.openid;

import org.jspecify.annotations.NullMarked;
