// Written by `npm run openapi` from apps/api/openapi.json. Do not edit.

/** What each route of the API takes and answers. */
export interface Routes {
  'GET /api/auth/providers': {
    input: Record<never, never>
    reply: {
      items: {
        id: string
        name: string
      }[]
    }
  }
  'GET /api/auth/sign-in': {
    input: {
      query?: {
        login_hint?: string
        prompt?: 'select_account'
        returnTo?: string
      }
    }
    reply: undefined
  }
  'GET /api/auth/{provider}': {
    input: {
      path: {
        provider: string
      }
      query?: {
        login_hint?: string
        prompt?: 'select_account'
        returnTo?: string
      }
    }
    reply: undefined
  }
  'GET /api/auth/{provider}/callback': {
    input: {
      path: {
        provider: string
      }
      query?: {
        code?: string
        state?: string
        error?: string
      }
    }
    reply: {
      accessToken: string
      expiresAt: string
      user: {
        id: string
        kind: 'person' | 'guest' | 'app_user' | 'key'
        email: string | null
        name: string
        hasChosenName: boolean
        avatarUrl: string | null
        createdAt: string
        isAdmin: boolean
      }
    }
  }
  'GET /.well-known/jwks.json': {
    input: Record<never, never>
    reply: {
      keys: Record<string, unknown>[]
    }
  }
  'POST /api/auth/token': {
    input: {
      query?: {
        optional?: boolean
      }
    }
    reply: {
      accessToken: string
      expiresAt: string
      userId: string
    } | undefined
  }
  'POST /api/auth/logout': {
    input: Record<never, never>
    reply: undefined
  }
  'GET /api/auth/sessions': {
    input: Record<never, never>
    reply: {
      items: {
        id: string
        current: boolean
        ip: string | null
        userAgent: string | null
        createdAt: string
        lastUsedAt: string
        expiresAt: string
      }[]
      nextCursor: null
    }
  }
  'DELETE /api/auth/sessions/{sessionId}': {
    input: {
      path: {
        sessionId: string
      }
    }
    reply: undefined
  }
  'GET /api/auth/me': {
    input: Record<never, never>
    reply: {
      id: string
      kind: 'person' | 'guest' | 'app_user' | 'key'
      email: string | null
      name: string
      hasChosenName: boolean
      avatarUrl: string | null
      createdAt: string
      isAdmin: boolean
      key?: {
        id: string
        workspaceId: string
        scopes: ('boards:read' | 'boards:write' | 'comments:write' | 'members:write' | 'tokens:create')[]
        boardIds: string[] | null
        expiresAt: string | null
      }
    }
  }
  'PATCH /api/auth/me': {
    input: {
      body: {
        name: string | null
      }
    }
    reply: {
      id: string
      kind: 'person' | 'guest' | 'app_user' | 'key'
      email: string | null
      name: string
      hasChosenName: boolean
      avatarUrl: string | null
      createdAt: string
      isAdmin: boolean
      key?: {
        id: string
        workspaceId: string
        scopes: ('boards:read' | 'boards:write' | 'comments:write' | 'members:write' | 'tokens:create')[]
        boardIds: string[] | null
        expiresAt: string | null
      }
    }
  }
  'DELETE /api/auth/me': {
    input: Record<never, never>
    reply: {
      deletedWorkspaceIds: string[]
      leftWorkspaceIds: string[]
      leftBoards: number
    }
  }
  'GET /api/auth/me/export': {
    input: Record<never, never>
    reply: unknown
  }
  'GET /api/workspaces': {
    input: {
      query?: {
        limit?: number
        cursor?: string
        q?: string
        sort?: '-createdAt' | 'createdAt' | 'name' | '-name'
      }
    }
    reply: {
      items: {
        id: string
        name: string
        type: 'personal' | 'team'
        guests: 'off' | 'view' | 'comment' | 'edit'
        createdAt: string
        updatedAt: string
        access: {
          role: 'owner' | 'admin' | 'member'
          can: {
            read: boolean
            createBoards: boolean
            broadcast: boolean
            rename: boolean
            manageMembers: boolean
            manageKeys: boolean
            readAudit: boolean
            readAuditOrigins: boolean
            transfer: boolean
            delete: boolean
          }
        }
      }[]
      nextCursor: string | null
    }
  }
  'POST /api/workspaces': {
    input: {
      body: {
        name: string
      }
    }
    reply: {
      id: string
      name: string
      type: 'personal' | 'team'
      guests: 'off' | 'view' | 'comment' | 'edit'
      createdAt: string
      updatedAt: string
      access: {
        role: 'owner' | 'admin' | 'member'
        can: {
          read: boolean
          createBoards: boolean
          broadcast: boolean
          rename: boolean
          manageMembers: boolean
          manageKeys: boolean
          readAudit: boolean
          readAuditOrigins: boolean
          transfer: boolean
          delete: boolean
        }
      }
    }
  }
  'GET /api/workspaces/{workspaceId}': {
    input: {
      path: {
        workspaceId: string
      }
    }
    reply: {
      id: string
      name: string
      type: 'personal' | 'team'
      guests: 'off' | 'view' | 'comment' | 'edit'
      createdAt: string
      updatedAt: string
      access: {
        role: 'owner' | 'admin' | 'member'
        can: {
          read: boolean
          createBoards: boolean
          broadcast: boolean
          rename: boolean
          manageMembers: boolean
          manageKeys: boolean
          readAudit: boolean
          readAuditOrigins: boolean
          transfer: boolean
          delete: boolean
        }
      }
    }
  }
  'PATCH /api/workspaces/{workspaceId}': {
    input: {
      path: {
        workspaceId: string
      }
      body: {
        name?: string
        guests?: 'off' | 'view' | 'comment' | 'edit'
      }
    }
    reply: {
      id: string
      name: string
      type: 'personal' | 'team'
      guests: 'off' | 'view' | 'comment' | 'edit'
      createdAt: string
      updatedAt: string
      access: {
        role: 'owner' | 'admin' | 'member'
        can: {
          read: boolean
          createBoards: boolean
          broadcast: boolean
          rename: boolean
          manageMembers: boolean
          manageKeys: boolean
          readAudit: boolean
          readAuditOrigins: boolean
          transfer: boolean
          delete: boolean
        }
      }
    }
  }
  'DELETE /api/workspaces/{workspaceId}': {
    input: {
      path: {
        workspaceId: string
      }
    }
    reply: undefined
  }
  'GET /api/workspaces/{workspaceId}/members': {
    input: {
      path: {
        workspaceId: string
      }
      query?: {
        limit?: number
        cursor?: string
        q?: string
      }
    }
    reply: {
      items: {
        userId: string
        email: string
        name: string
        avatarUrl: string | null
        role: 'owner' | 'admin' | 'member'
        joinedAt: string
      }[]
      nextCursor: string | null
    }
  }
  'POST /api/workspaces/{workspaceId}/members': {
    input: {
      path: {
        workspaceId: string
      }
      body: {
        email: string
        role?: 'owner' | 'admin' | 'member'
      }
    }
    reply: {
      id: string
      workspaceId: string
      workspaceName: string
      kind: 'join' | 'transfer'
      role: 'owner' | 'admin' | 'member'
      email: string
      invitedBy: string
      inviterName: string
      createdAt: string
      expiresAt: string
    }
  }
  'PATCH /api/workspaces/{workspaceId}/members/{userId}': {
    input: {
      path: {
        workspaceId: string
        userId: string
      }
      body: {
        role: 'owner' | 'admin' | 'member'
      }
    }
    reply: {
      userId: string
      email: string
      name: string
      avatarUrl: string | null
      role: 'owner' | 'admin' | 'member'
      joinedAt: string
    }
  }
  'DELETE /api/workspaces/{workspaceId}/members/{userId}': {
    input: {
      path: {
        workspaceId: string
        userId: string
      }
      query?: {
        revokeInvites?: boolean
      }
    }
    reply: undefined
  }
  'POST /api/workspaces/{workspaceId}/transfer': {
    input: {
      path: {
        workspaceId: string
      }
      body: {
        userId: string
      }
    }
    reply: {
      id: string
      workspaceId: string
      workspaceName: string
      kind: 'join' | 'transfer'
      role: 'owner' | 'admin' | 'member'
      email: string
      invitedBy: string
      inviterName: string
      createdAt: string
      expiresAt: string
    }
  }
  'GET /api/workspaces/{workspaceId}/memberships': {
    input: {
      path: {
        workspaceId: string
      }
      query?: {
        limit?: number
        cursor?: string
      }
    }
    reply: {
      items: {
        id: string
        workspaceId: string
        workspaceName: string
        kind: 'join' | 'transfer'
        role: 'owner' | 'admin' | 'member'
        email: string
        invitedBy: string
        inviterName: string
        createdAt: string
        expiresAt: string
      }[]
      nextCursor: string | null
    }
  }
  'DELETE /api/workspaces/{workspaceId}/memberships/{membershipId}': {
    input: {
      path: {
        workspaceId: string
        membershipId: string
      }
    }
    reply: undefined
  }
  'GET /api/memberships': {
    input: {
      query?: {
        limit?: number
        cursor?: string
      }
    }
    reply: {
      items: {
        id: string
        workspaceId: string
        workspaceName: string
        kind: 'join' | 'transfer'
        role: 'owner' | 'admin' | 'member'
        email: string
        invitedBy: string
        inviterName: string
        createdAt: string
        expiresAt: string
      }[]
      nextCursor: string | null
    }
  }
  'POST /api/memberships/{membershipId}/accept': {
    input: {
      path: {
        membershipId: string
      }
    }
    reply: {
      id: string
      name: string
      type: 'personal' | 'team'
      guests: 'off' | 'view' | 'comment' | 'edit'
      createdAt: string
      updatedAt: string
      access: {
        role: 'owner' | 'admin' | 'member'
        can: {
          read: boolean
          createBoards: boolean
          broadcast: boolean
          rename: boolean
          manageMembers: boolean
          manageKeys: boolean
          readAudit: boolean
          readAuditOrigins: boolean
          transfer: boolean
          delete: boolean
        }
      }
    }
  }
  'POST /api/memberships/{membershipId}/decline': {
    input: {
      path: {
        membershipId: string
      }
    }
    reply: undefined
  }
  'POST /api/workspaces/{workspaceId}/keys': {
    input: {
      path: {
        workspaceId: string
      }
      body: {
        name: string
        scopes: ('boards:read' | 'boards:write' | 'comments:write' | 'members:write' | 'tokens:create')[]
        boardIds?: string[]
        expiresAt?: string
      }
    }
    reply: {
      id: string
      userId: string
      name: string
      hint: string
      scopes: ('boards:read' | 'boards:write' | 'comments:write' | 'members:write' | 'tokens:create')[]
      boardIds: string[] | null
      createdBy: string | null
      creatorName: string | null
      createdAt: string
      expiresAt: string | null
      lastUsedAt: string | null
      key: string | null
    }
  }
  'GET /api/workspaces/{workspaceId}/keys': {
    input: {
      path: {
        workspaceId: string
      }
      query?: {
        limit?: number
        cursor?: string
      }
    }
    reply: {
      items: {
        id: string
        userId: string
        name: string
        hint: string
        scopes: ('boards:read' | 'boards:write' | 'comments:write' | 'members:write' | 'tokens:create')[]
        boardIds: string[] | null
        createdBy: string | null
        creatorName: string | null
        createdAt: string
        expiresAt: string | null
        lastUsedAt: string | null
      }[]
      nextCursor: string | null
    }
  }
  'DELETE /api/workspaces/{workspaceId}/keys/{keyId}': {
    input: {
      path: {
        workspaceId: string
        keyId: string
      }
    }
    reply: undefined
  }
  'GET /api/workspaces/{workspaceId}/audit': {
    input: {
      path: {
        workspaceId: string
      }
      query?: {
        limit?: number
        cursor?: string
        actorId?: string
        action?: 'workspace.created' | 'workspace.updated' | 'workspace.deleted' | 'workspace.member_added' | 'workspace.member_updated' | 'workspace.member_removed' | 'board.created' | 'board.updated' | 'board.moved' | 'board.trashed' | 'board.restored' | 'board.deleted' | 'board.document_changed' | 'board.member_added' | 'board.member_updated' | 'board.member_removed' | 'invite.created' | 'invite.revoked' | 'invite.accepted' | 'link.created' | 'link.opened' | 'link.revoked' | 'link.expired' | 'guest.removed' | 'guest.signed_in' | 'membership.offered' | 'membership.withdrawn' | 'membership.accepted' | 'membership.declined' | 'version.created' | 'version.deleted' | 'asset.added' | 'asset.removed' | 'session.revoked' | 'key.created' | 'key.revoked' | 'user.updated' | 'user.deleted'
        from?: string
        to?: string
      }
    }
    reply: {
      items: {
        id: string
        action: 'workspace.created' | 'workspace.updated' | 'workspace.deleted' | 'workspace.member_added' | 'workspace.member_updated' | 'workspace.member_removed' | 'board.created' | 'board.updated' | 'board.moved' | 'board.trashed' | 'board.restored' | 'board.deleted' | 'board.document_changed' | 'board.member_added' | 'board.member_updated' | 'board.member_removed' | 'invite.created' | 'invite.revoked' | 'invite.accepted' | 'link.created' | 'link.opened' | 'link.revoked' | 'link.expired' | 'guest.removed' | 'guest.signed_in' | 'membership.offered' | 'membership.withdrawn' | 'membership.accepted' | 'membership.declined' | 'version.created' | 'version.deleted' | 'asset.added' | 'asset.removed' | 'session.revoked' | 'key.created' | 'key.revoked' | 'user.updated' | 'user.deleted'
        actorId: string
        actorName: string | null
        targetType: string
        targetId: string
        changes: Record<string, unknown>
        ip: string | null
        userAgent: string | null
        requestId: string | null
        createdAt: string
      }[]
      nextCursor: string | null
    }
  }
  'GET /api/workspaces/{workspaceId}/usage': {
    input: {
      path: {
        workspaceId: string
      }
    }
    reply: {
      boards: {
        used: number
        limit: number | null
      }
      storageBytes: {
        used: number
        limit: number | null
      }
      versionsPerBoard: {
        limit: number | null
      }
      assetBytes: {
        used: number
        limit: number | null
      }
      assetBytesPerBoard: {
        limit: number | null
      }
      assetBytesPerFile: {
        limit: number
      }
    }
  }
  'GET /api/usage': {
    input: Record<never, never>
    reply: {
      workspaces: {
        used: number
        limit: number | null
      }
      boards: {
        used: number
        limit: number | null
      }
      storageBytes: {
        used: number
        limit: number | null
      }
      assetBytes: {
        used: number
        limit: number | null
      }
    }
  }
  'GET /api/workspaces/{workspaceId}/boards': {
    input: {
      path: {
        workspaceId: string
      }
      query?: {
        limit?: number
        cursor?: string
        q?: string
        sort?: '-updatedAt' | 'updatedAt' | '-createdAt' | 'createdAt' | 'name' | '-name'
      }
    }
    reply: {
      items: {
        id: string
        workspaceId: string
        name: string
        thumbnailUrl: string | null
        viewersCanBroadcast: boolean
        createdBy: string | null
        createdAt: string
        updatedAt: string
        access: {
          role: 'owner' | 'editor' | 'commenter' | 'viewer'
          can: {
            read: boolean
            comment: boolean
            edit: boolean
            setThumbnail: boolean
            broadcast: boolean
            rename: boolean
            duplicate: boolean
            invite: boolean
            manageMembers: boolean
            trash: boolean
            restore: boolean
            deletePermanently: boolean
            readHistory: boolean
            import: boolean
            createVersion: boolean
            restoreVersion: boolean
            deleteVersion: boolean
          }
        }
      }[]
      nextCursor: string | null
    }
  }
  'POST /api/workspaces/{workspaceId}/boards': {
    input: {
      path: {
        workspaceId: string
      }
      body: {
        name: string
      }
    }
    reply: {
      id: string
      workspaceId: string
      name: string
      thumbnailUrl: string | null
      viewersCanBroadcast: boolean
      createdBy: string | null
      createdAt: string
      updatedAt: string
      access: {
        role: 'owner' | 'editor' | 'commenter' | 'viewer'
        can: {
          read: boolean
          comment: boolean
          edit: boolean
          setThumbnail: boolean
          broadcast: boolean
          rename: boolean
          duplicate: boolean
          invite: boolean
          manageMembers: boolean
          trash: boolean
          restore: boolean
          deletePermanently: boolean
          readHistory: boolean
          import: boolean
          createVersion: boolean
          restoreVersion: boolean
          deleteVersion: boolean
        }
      }
    }
  }
  'GET /api/workspaces/{workspaceId}/trash': {
    input: {
      path: {
        workspaceId: string
      }
      query?: {
        limit?: number
        cursor?: string
      }
    }
    reply: {
      items: {
        id: string
        workspaceId: string
        name: string
        thumbnailUrl: string | null
        viewersCanBroadcast: boolean
        createdBy: string | null
        createdAt: string
        updatedAt: string
        access: {
          role: 'owner' | 'editor' | 'commenter' | 'viewer'
          can: {
            read: boolean
            comment: boolean
            edit: boolean
            setThumbnail: boolean
            broadcast: boolean
            rename: boolean
            duplicate: boolean
            invite: boolean
            manageMembers: boolean
            trash: boolean
            restore: boolean
            deletePermanently: boolean
            readHistory: boolean
            import: boolean
            createVersion: boolean
            restoreVersion: boolean
            deleteVersion: boolean
          }
        }
        deletedAt: string
        deletedBy: string | null
      }[]
      nextCursor: string | null
    }
  }
  'PUT /api/workspaces/{workspaceId}/boards/by-key/{externalKey}': {
    input: {
      path: {
        workspaceId: string
        externalKey: string
      }
      body: {
        name: string
      }
    }
    reply: {
      id: string
      workspaceId: string
      name: string
      thumbnailUrl: string | null
      viewersCanBroadcast: boolean
      createdBy: string | null
      createdAt: string
      updatedAt: string
      access: {
        role: 'owner' | 'editor' | 'commenter' | 'viewer'
        can: {
          read: boolean
          comment: boolean
          edit: boolean
          setThumbnail: boolean
          broadcast: boolean
          rename: boolean
          duplicate: boolean
          invite: boolean
          manageMembers: boolean
          trash: boolean
          restore: boolean
          deletePermanently: boolean
          readHistory: boolean
          import: boolean
          createVersion: boolean
          restoreVersion: boolean
          deleteVersion: boolean
        }
      }
    }
  }
  'GET /api/boards/{boardId}': {
    input: {
      path: {
        boardId: string
      }
    }
    reply: {
      id: string
      workspaceId: string
      name: string
      thumbnailUrl: string | null
      viewersCanBroadcast: boolean
      createdBy: string | null
      createdAt: string
      updatedAt: string
      access: {
        role: 'owner' | 'editor' | 'commenter' | 'viewer'
        can: {
          read: boolean
          comment: boolean
          edit: boolean
          setThumbnail: boolean
          broadcast: boolean
          rename: boolean
          duplicate: boolean
          invite: boolean
          manageMembers: boolean
          trash: boolean
          restore: boolean
          deletePermanently: boolean
          readHistory: boolean
          import: boolean
          createVersion: boolean
          restoreVersion: boolean
          deleteVersion: boolean
        }
      }
    }
  }
  'PATCH /api/boards/{boardId}': {
    input: {
      path: {
        boardId: string
      }
      body: {
        name?: string
        thumbnailUrl?: string | null
        viewersCanBroadcast?: boolean
      }
    }
    reply: {
      id: string
      workspaceId: string
      name: string
      thumbnailUrl: string | null
      viewersCanBroadcast: boolean
      createdBy: string | null
      createdAt: string
      updatedAt: string
      access: {
        role: 'owner' | 'editor' | 'commenter' | 'viewer'
        can: {
          read: boolean
          comment: boolean
          edit: boolean
          setThumbnail: boolean
          broadcast: boolean
          rename: boolean
          duplicate: boolean
          invite: boolean
          manageMembers: boolean
          trash: boolean
          restore: boolean
          deletePermanently: boolean
          readHistory: boolean
          import: boolean
          createVersion: boolean
          restoreVersion: boolean
          deleteVersion: boolean
        }
      }
    }
  }
  'DELETE /api/boards/{boardId}': {
    input: {
      path: {
        boardId: string
      }
    }
    reply: undefined
  }
  'POST /api/boards/{boardId}/restore': {
    input: {
      path: {
        boardId: string
      }
    }
    reply: {
      id: string
      workspaceId: string
      name: string
      thumbnailUrl: string | null
      viewersCanBroadcast: boolean
      createdBy: string | null
      createdAt: string
      updatedAt: string
      access: {
        role: 'owner' | 'editor' | 'commenter' | 'viewer'
        can: {
          read: boolean
          comment: boolean
          edit: boolean
          setThumbnail: boolean
          broadcast: boolean
          rename: boolean
          duplicate: boolean
          invite: boolean
          manageMembers: boolean
          trash: boolean
          restore: boolean
          deletePermanently: boolean
          readHistory: boolean
          import: boolean
          createVersion: boolean
          restoreVersion: boolean
          deleteVersion: boolean
        }
      }
    }
  }
  'DELETE /api/boards/{boardId}/permanently': {
    input: {
      path: {
        boardId: string
      }
    }
    reply: undefined
  }
  'POST /api/boards/{boardId}/duplicate': {
    input: {
      path: {
        boardId: string
      }
      body?: {
        name?: string
        workspaceId?: string
      }
    }
    reply: {
      id: string
      workspaceId: string
      name: string
      thumbnailUrl: string | null
      viewersCanBroadcast: boolean
      createdBy: string | null
      createdAt: string
      updatedAt: string
      access: {
        role: 'owner' | 'editor' | 'commenter' | 'viewer'
        can: {
          read: boolean
          comment: boolean
          edit: boolean
          setThumbnail: boolean
          broadcast: boolean
          rename: boolean
          duplicate: boolean
          invite: boolean
          manageMembers: boolean
          trash: boolean
          restore: boolean
          deletePermanently: boolean
          readHistory: boolean
          import: boolean
          createVersion: boolean
          restoreVersion: boolean
          deleteVersion: boolean
        }
      }
    }
  }
  'GET /api/invites/{token}': {
    input: {
      path: {
        token: string
      }
    }
    reply: {
      boardName: string | null
      workspaceName: string | null
      inviterName: string | null
      role: 'owner' | 'editor' | 'commenter' | 'viewer'
      emailHint?: string
      expiresAt: string
      state: 'open' | 'expired' | 'revoked' | 'exhausted'
    }
  }
  'POST /api/invites/{token}/accept': {
    input: {
      path: {
        token: string
      }
    }
    reply: {
      board: {
        id: string
        workspaceId: string
        name: string
        thumbnailUrl: string | null
        viewersCanBroadcast: boolean
        createdBy: string | null
        createdAt: string
        updatedAt: string
        access: {
          role: 'owner' | 'editor' | 'commenter' | 'viewer'
          can: {
            read: boolean
            comment: boolean
            edit: boolean
            setThumbnail: boolean
            broadcast: boolean
            rename: boolean
            duplicate: boolean
            invite: boolean
            manageMembers: boolean
            trash: boolean
            restore: boolean
            deletePermanently: boolean
            readHistory: boolean
            import: boolean
            createVersion: boolean
            restoreVersion: boolean
            deleteVersion: boolean
          }
        }
      }
    }
  }
  'POST /api/boards/{boardId}/invite': {
    input: {
      path: {
        boardId: string
      }
      body: {
        role: 'editor' | 'commenter' | 'viewer'
        email?: string
        maxUses?: number
        expiresInSeconds?: number
      }
    }
    reply: {
      id: string
      boardId: string
      role: 'owner' | 'editor' | 'commenter' | 'viewer'
      email: string | null
      maxUses: number | null
      uses: number
      expiresAt: string
      revokedAt: string | null
      createdBy: string
      createdAt: string
      state: 'open' | 'expired' | 'revoked' | 'exhausted'
      token: string | null
      url: string | null
    }
  }
  'GET /api/boards/{boardId}/invites': {
    input: {
      path: {
        boardId: string
      }
      query?: {
        limit?: number
        cursor?: string
      }
    }
    reply: {
      items: {
        id: string
        boardId: string
        role: 'owner' | 'editor' | 'commenter' | 'viewer'
        email: string | null
        maxUses: number | null
        uses: number
        expiresAt: string
        revokedAt: string | null
        createdBy: string
        createdAt: string
        state: 'open' | 'expired' | 'revoked' | 'exhausted'
      }[]
      nextCursor: string | null
    }
  }
  'DELETE /api/boards/{boardId}/invites/{inviteId}': {
    input: {
      path: {
        boardId: string
        inviteId: string
      }
    }
    reply: undefined
  }
  'GET /api/links/{token}': {
    input: {
      path: {
        token: string
      }
    }
    reply: {
      boardName: string
      sharedBy: string
      role: 'editor' | 'commenter' | 'viewer'
      needsPassword: boolean
      needsName: boolean
    }
  }
  'POST /api/links/{token}/open': {
    input: {
      path: {
        token: string
      }
      body?: {
        name?: string
        password?: string
      }
    }
    reply: {
      accessToken: string
      expiresAt: string
      user: {
        id: string
        kind: 'person' | 'guest' | 'app_user' | 'key'
        email: string | null
        name: string
        hasChosenName: boolean
        avatarUrl: string | null
        createdAt: string
        isAdmin: boolean
      }
      boardId: string
      role: 'owner' | 'editor' | 'commenter' | 'viewer'
    }
  }
  'POST /api/boards/{boardId}/links': {
    input: {
      path: {
        boardId: string
      }
      body: {
        role: 'editor' | 'commenter' | 'viewer'
        label?: string
        expiresAt?: string
        password?: string
      }
    }
    reply: {
      id: string
      boardId: string
      role: 'editor' | 'commenter' | 'viewer'
      label: string | null
      hasPassword: boolean
      expiresAt: string | null
      revokedAt: string | null
      uses: number
      lastOpenedAt: string | null
      createdBy: string
      createdAt: string
      state: 'open' | 'expired' | 'revoked'
      token: string | null
      url: string | null
    }
  }
  'GET /api/boards/{boardId}/links': {
    input: {
      path: {
        boardId: string
      }
      query?: {
        limit?: number
        cursor?: string
      }
    }
    reply: {
      items: {
        id: string
        boardId: string
        role: 'editor' | 'commenter' | 'viewer'
        label: string | null
        hasPassword: boolean
        expiresAt: string | null
        revokedAt: string | null
        uses: number
        lastOpenedAt: string | null
        createdBy: string
        createdAt: string
        state: 'open' | 'expired' | 'revoked'
      }[]
      nextCursor: string | null
    }
  }
  'DELETE /api/boards/{boardId}/links/{linkId}': {
    input: {
      path: {
        boardId: string
        linkId: string
      }
    }
    reply: undefined
  }
  'GET /api/boards/{boardId}/guests': {
    input: {
      path: {
        boardId: string
      }
      query?: {
        limit?: number
        cursor?: string
      }
    }
    reply: {
      items: {
        userId: string
        name: string
        kind: 'person' | 'guest' | 'app_user' | 'key'
        linkId: string
        role: 'owner' | 'editor' | 'commenter' | 'viewer'
        openedAt: string
      }[]
      nextCursor: string | null
    }
  }
  'DELETE /api/boards/{boardId}/guests/{userId}': {
    input: {
      path: {
        boardId: string
        userId: string
      }
    }
    reply: undefined
  }
  'GET /api/boards/{boardId}/members': {
    input: {
      path: {
        boardId: string
      }
      query?: {
        limit?: number
        cursor?: string
      }
    }
    reply: {
      items: {
        userId: string
        email: string | null
        name: string
        avatarUrl: string | null
        role: 'owner' | 'editor' | 'commenter' | 'viewer'
        invitedBy: string | null
        joinedAt: string
      }[]
      nextCursor: string | null
    }
  }
  'PUT /api/boards/{boardId}/members/{userId}': {
    input: {
      path: {
        boardId: string
        userId: string
      }
      body: {
        role: 'owner' | 'editor' | 'commenter' | 'viewer'
      }
    }
    reply: {
      userId: string
      email: string | null
      name: string
      avatarUrl: string | null
      role: 'owner' | 'editor' | 'commenter' | 'viewer'
      invitedBy: string | null
      joinedAt: string
    }
  }
  'DELETE /api/boards/{boardId}/members/{userId}': {
    input: {
      path: {
        boardId: string
        userId: string
      }
      query?: {
        revokeInvites?: boolean
      }
    }
    reply: undefined
  }
  'PUT /api/boards/{boardId}/members/by-external-id/{externalId}': {
    input: {
      path: {
        boardId: string
        externalId: string
      }
      body: {
        role: 'owner' | 'editor' | 'commenter' | 'viewer'
      }
    }
    reply: {
      userId: string
      email: string | null
      name: string
      avatarUrl: string | null
      role: 'owner' | 'editor' | 'commenter' | 'viewer'
      invitedBy: string | null
      joinedAt: string
    }
  }
  'DELETE /api/boards/{boardId}/members/by-external-id/{externalId}': {
    input: {
      path: {
        boardId: string
        externalId: string
      }
    }
    reply: undefined
  }
  'POST /api/auth/tokens': {
    input: {
      body: {
        user: {
          externalId: string
          name: string
          avatarUrl?: string
        }
        boards?: Record<string, 'owner' | 'editor' | 'commenter' | 'viewer'>
        expiresInSeconds?: number
      }
    }
    reply: {
      accessToken: string
      expiresAt: string
      user: {
        id: string
        kind: 'person' | 'guest' | 'app_user' | 'key'
        externalId: string
        name: string
        avatarUrl: string | null
      }
    }
  }
  'DELETE /api/workspaces/{workspaceId}/app-users/{externalId}': {
    input: {
      path: {
        workspaceId: string
        externalId: string
      }
    }
    reply: undefined
  }
  'POST /api/boards/{boardId}/broadcast': {
    input: {
      path: {
        boardId: string
      }
      body: {
        event: string
        payload: unknown
      }
    }
    reply: undefined
  }
  'POST /api/workspaces/{workspaceId}/broadcast': {
    input: {
      path: {
        workspaceId: string
      }
      body: {
        event: string
        payload: unknown
      }
    }
    reply: undefined
  }
  'GET /api/boards/{boardId}/document': {
    input: {
      path: {
        boardId: string
      }
    }
    reply: {
      seq: number
      bytes: number
      maxBytes: number
      versions: {
        used: number
        limit: number | null
      }
      assets: {
        used: number
        limit: number
        bytes: number
        maxBytes: number | null
        maxBytesPerFile: number
      }
      updates: number
      tombstoneShare: number | null
      compactedAt: string | null
      quarantined: number
      isDamaged: boolean
      buildFailure: 'too_costly' | 'too_large' | 'broken' | null
    }
  }
  'GET /api/boards/{boardId}/export': {
    input: {
      path: {
        boardId: string
      }
      query?: {
        format?: 'update' | 'json' | 'excalidraw'
      }
    }
    reply: Uint8Array | unknown
  }
  'POST /api/boards/{boardId}/import': {
    input: {
      path: {
        boardId: string
      }
      body: Blob | Uint8Array | unknown
    }
    reply: {
      seq: number
      changed: boolean
      skipped?: number
    }
  }
  'PUT /api/boards/{boardId}/assets/{digest}': {
    input: {
      path: {
        boardId: string
        digest: string
      }
      body: Blob | Uint8Array
    }
    reply: {
      digest: string
      bytes: number
      contentType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp' | 'image/avif' | 'image/heic' | 'image/bmp' | 'image/svg+xml' | 'application/pdf' | 'video/mp4' | 'video/quicktime' | 'video/webm' | 'audio/mp4' | 'audio/mpeg' | 'audio/wav' | 'audio/ogg'
    }
  }
  'GET /api/boards/{boardId}/assets/{digest}': {
    input: {
      path: {
        boardId: string
        digest: string
      }
    }
    reply: Uint8Array
  }
  'DELETE /api/boards/{boardId}/assets/{digest}': {
    input: {
      path: {
        boardId: string
        digest: string
      }
    }
    reply: undefined
  }
  'POST /api/boards/{boardId}/assets/urls': {
    input: {
      path: {
        boardId: string
      }
      body: {
        digests: string[]
      }
    }
    reply: {
      urls: Record<string, string>
      expiresAt: string
    }
  }
  'GET /api/boards/{boardId}/assets/{digest}/signed': {
    input: {
      path: {
        boardId: string
        digest: string
      }
      query: {
        expires: number
        signature: string
      }
    }
    reply: Uint8Array
  }
  'PUT /api/boards/{boardId}/thumbnail': {
    input: {
      path: {
        boardId: string
      }
      body: Blob | Uint8Array
    }
    reply: undefined
  }
  'GET /api/boards/{boardId}/thumbnail': {
    input: {
      path: {
        boardId: string
      }
    }
    reply: Uint8Array
  }
  'DELETE /api/boards/{boardId}/thumbnail': {
    input: {
      path: {
        boardId: string
      }
    }
    reply: undefined
  }
  'GET /api/boards/{boardId}/thumbnail/{digest}': {
    input: {
      path: {
        boardId: string
        digest: string
      }
      query: {
        expires: number
        signature: string
      }
    }
    reply: Uint8Array
  }
  'GET /api/boards/{boardId}/history': {
    input: {
      path: {
        boardId: string
      }
      query?: {
        limit?: number
        cursor?: string
        userId?: string
      }
    }
    reply: {
      items: {
        startedAt: string
        lastAt: string
        userId: string
        name: string | null
        updates: number
        bytes: number
        firstSeq: number
        lastSeq: number
      }[]
      nextCursor: string | null
    }
  }
  'GET /api/boards/{boardId}/versions': {
    input: {
      path: {
        boardId: string
      }
      query?: {
        limit?: number
        cursor?: string
      }
    }
    reply: {
      items: {
        id: string
        boardId: string
        name: string | null
        kind: 'named' | 'automatic'
        seq: number
        bytes: number
        createdBy: string
        creatorName: string | null
        createdAt: string
      }[]
      nextCursor: string | null
    }
  }
  'POST /api/boards/{boardId}/versions': {
    input: {
      path: {
        boardId: string
      }
      body: {
        name: string
      }
    }
    reply: {
      id: string
      boardId: string
      name: string | null
      kind: 'named' | 'automatic'
      seq: number
      bytes: number
      createdBy: string
      creatorName: string | null
      createdAt: string
    }
  }
  'GET /api/boards/{boardId}/versions/{versionId}': {
    input: {
      path: {
        boardId: string
        versionId: string
      }
    }
    reply: Uint8Array
  }
  'DELETE /api/boards/{boardId}/versions/{versionId}': {
    input: {
      path: {
        boardId: string
        versionId: string
      }
    }
    reply: undefined
  }
  'POST /api/boards/{boardId}/versions/{versionId}/restore': {
    input: {
      path: {
        boardId: string
        versionId: string
      }
    }
    reply: {
      seq: number
      changed: boolean
      before: {
        id: string
        boardId: string
        name: string | null
        kind: 'named' | 'automatic'
        seq: number
        bytes: number
        createdBy: string
        creatorName: string | null
        createdAt: string
      } | null
    }
  }
  'GET /api/admin/people': {
    input: {
      query?: {
        limit?: number
        cursor?: string
        query?: string
      }
    }
    reply: {
      items: {
        id: string
        email: string | null
        name: string
        identity: string
        isAdmin: boolean
        createdAt: string
        disabledAt: string | null
      }[]
      nextCursor: string | null
    }
  }
  'POST /api/admin/people/{personId}/sign-out': {
    input: {
      path: {
        personId: string
      }
      body?: {
        reason?: string
      }
    }
    reply: undefined
  }
  'POST /api/admin/people/{personId}/disable': {
    input: {
      path: {
        personId: string
      }
      body?: {
        reason?: string
      }
    }
    reply: undefined
  }
  'POST /api/admin/people/{personId}/enable': {
    input: {
      path: {
        personId: string
      }
      body?: {
        reason?: string
      }
    }
    reply: undefined
  }
  'GET /api/admin/people/{personId}': {
    input: {
      path: {
        personId: string
      }
    }
    reply: {
      id: string
      email: string | null
      name: string
      identity: string
      isAdmin: boolean
      createdAt: string
      disabledAt: string | null
      sessions: number
      workspaces: {
        id: string
        name: string
        type: 'personal' | 'team'
        role: 'owner' | 'admin' | 'member'
      }[]
      owned: {
        boards: number
        storageBytes: number
        assetBytes: number
      }
    }
  }
  'POST /api/admin/people/{personId}/erase': {
    input: {
      path: {
        personId: string
      }
      body?: {
        reason?: string
      }
    }
    reply: undefined
  }
  'POST /api/admin/people/{personId}/export': {
    input: {
      path: {
        personId: string
      }
      body?: {
        reason?: string
      }
    }
    reply: unknown
  }
  'GET /api/admin/boards': {
    input: {
      query?: {
        limit?: number
        cursor?: string
        query?: string
      }
    }
    reply: {
      items: {
        id: string
        name: string
        workspaceId: string
        workspaceName: string
        createdAt: string
        updatedAt: string
        trashedAt: string | null
      }[]
      nextCursor: string | null
    }
  }
  'GET /api/admin/boards/{boardId}': {
    input: {
      path: {
        boardId: string
      }
    }
    reply: {
      id: string
      name: string
      workspaceId: string
      workspaceName: string
      createdAt: string
      updatedAt: string
      trashedAt: string | null
      seq: number
      storageBytes: number
      assets: number
      assetBytes: number
      members: number
      connections: number | null
      quarantined: number
      damagedAt: string | null
      buildFailure: 'too_costly' | 'too_large' | 'broken' | null
    }
  }
  'GET /api/admin/boards/{boardId}/connections': {
    input: {
      path: {
        boardId: string
      }
    }
    reply: {
      people: {
        id: string
        name: string
        connections: number
      }[]
      total: number
    }
  }
  'POST /api/admin/boards/{boardId}/move': {
    input: {
      path: {
        boardId: string
      }
      body: {
        workspaceId: string
        force?: boolean
        reason?: string
      }
    }
    reply: undefined
  }
  'GET /api/admin/quarantine': {
    input: {
      query?: {
        limit?: number
        cursor?: string
      }
    }
    reply: {
      items: {
        boardId: string
        boardName: string
        updates: number
        snapshots: number
        bytes: number
        reason: string
        quarantinedAt: string
      }[]
      nextCursor: string | null
    }
  }
  'POST /api/admin/boards/{boardId}/requeue': {
    input: {
      path: {
        boardId: string
      }
      body?: {
        reason?: string
      }
    }
    reply: {
      requeued: number
      left: number
    }
  }
  'POST /api/admin/workspaces/{workspaceId}/owner': {
    input: {
      path: {
        workspaceId: string
      }
      body: {
        personId: string
        reason?: string
      }
    }
    reply: undefined
  }
  'GET /api/admin/workspaces/{workspaceId}/quota': {
    input: {
      path: {
        workspaceId: string
      }
    }
    reply: {
      boards: {
        used: number
        limit: number | null
      }
      storageBytes: {
        used: number
        limit: number | null
      }
      versionsPerBoard: {
        limit: number | null
      }
      assetBytes: {
        used: number
        limit: number | null
      }
      assetBytesPerBoard: {
        limit: number | null
      }
      assetBytesPerFile: {
        limit: number
      }
    }
  }
  'PUT /api/admin/workspaces/{workspaceId}/quota': {
    input: {
      path: {
        workspaceId: string
      }
      body: {
        maxBoards?: number | null
        maxStorageBytes?: number | null
        maxAssetBytes?: number | null
        reason?: string
      }
    }
    reply: {
      boards: {
        used: number
        limit: number | null
      }
      storageBytes: {
        used: number
        limit: number | null
      }
      versionsPerBoard: {
        limit: number | null
      }
      assetBytes: {
        used: number
        limit: number | null
      }
      assetBytesPerBoard: {
        limit: number | null
      }
      assetBytesPerFile: {
        limit: number
      }
    }
  }
  'GET /api/admin/audit': {
    input: {
      query?: {
        limit?: number
        cursor?: string
      }
    }
    reply: {
      items: {
        id: string
        actor: string
        action: string
        targetType: string
        targetId: string
        reason: string | null
        changes: Record<string, unknown>
        requestId: string | null
        createdAt: string
      }[]
      nextCursor: string | null
    }
  }
  'GET /api/admin/instances': {
    input: Record<never, never>
    reply: {
      isComplete: boolean
      apis: {
        id: string
        version: string
        upSeconds: number
        silentSeconds: number
        reasons: string[]
        eventLoopUtilization: number
        memoryBytes: number
        requestsPerSecond: number
        eventStreams: number
        documentJobs: number
        waitingForDatabase: number
        publishingLagSeconds: number
      }[]
      gateways: {
        id: string
        version: string
        upSeconds: number
        silentSeconds: number
        reasons: string[]
        eventLoopUtilization: number
        memoryBytes: number
        connections: number
        rooms: number
        editsPerSecond: number
        messagesPerSecond: number
        storeSeconds: number | null
        unsavedBytes: number
        oldestUnsavedSeconds: number
      }[]
      queues: {
        boardsToMerge: number
        boardsFailing: number
        quarantined: number
      }
    }
  }
  'GET /health': {
    input: Record<never, never>
    reply: {
      status: 'ok' | 'degraded'
      db: 'ok' | 'down'
      redis: 'ok' | 'down'
    }
  }
  'GET /ready': {
    input: Record<never, never>
    reply: {
      ready: boolean
    }
  }
}
